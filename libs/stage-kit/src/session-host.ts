import type { ClaimHandler, ClaimLease, ClaimWorker, SessionBus } from '@parley/bus';
import type { ClaimedStage } from '@parley/contracts';
import { errorOf, type Log, type Metrics } from '@parley/telemetry';
import { createHostMetrics, type HostMetrics } from './host-metrics.js';
import { HostedSession } from './hosted-session.js';
import { Probation } from './probation.js';
import type { CloseReason, StageLogic } from './stage-logic.js';

/** Settings of a {@link SessionHost}. */
export interface SessionHostOptions {
  stage: ClaimedStage;
  /** Most sessions at a time. */
  capacity: number;
  /** How long a session outlives the gateway that held its caller, unless another resumes it. */
  orphanAfterMs: number;
  /** Owners that a session may crash in a row before it is opened no more. @defaultValue 5 */
  poisonAfter?: number;
  /** How long a session that may have crashed its owners is left alone after it was opened. @defaultValue 250 */
  probationMs?: number;
  /** How often one session, drawn at random, is compared with the fold of its log; 0 for never. @defaultValue 5000 */
  foldCheckMs?: number;
}

const ORPHAN_CHECK_MS = 1000;
/**
 * Sessions that a draining replica hands over at the same time: few while others take them, because each goes on here
 * until it is its turn, and many when there is nobody or it takes too long.
 */
const HAND_OVERS_AT_ONCE = { paced: 4, rest: 32 };
/** How long the next session waits for one that nobody has taken yet. */
const SUCCESSION_MS = 500;
/** After so long the rest is handed over without waiting. */
const PACED_MS = 4000;
/** How often busy sessions are looked at. */
const BUSY_CHECK_MS = 25;

/** Claims sessions while there is room, hosts them, and hands them over when told to stop. */
export class SessionHost implements ClaimHandler {
  private readonly sessions = new Map<string, HostedSession>();
  private readonly gatewayMissingSince = new Map<string, number>();
  private readonly probation = new Probation();
  private readonly metrics: HostMetrics;
  private worker: ClaimWorker | undefined;
  private orphanTimer: NodeJS.Timeout | undefined;
  private foldTimer: NodeJS.Timeout | undefined;
  private draining: Promise<void> | undefined;

  constructor(
    private readonly options: SessionHostOptions,
    private readonly bus: SessionBus,
    private readonly logic: StageLogic,
    metrics: Metrics,
    private readonly log: Log,
  ) {
    this.metrics = createHostMetrics(metrics, {
      sessions: () => this.sessions.size,
      capacity: () => options.capacity,
      suspects: () => this.probation.waiting,
    });
  }

  /** Sessions held. */
  get size(): number {
    return this.sessions.size;
  }

  /** Loads the engines and begins to claim. */
  async start(): Promise<void> {
    await this.logic.warm();
    this.worker = await this.bus.claims(this.options.stage, this);
    this.orphanTimer = setInterval(() => this.endOrphans(), ORPHAN_CHECK_MS);
    const { foldCheckMs = 5000 } = this.options;
    if (foldCheckMs > 0 && this.logic.foldAtRest) this.foldTimer = setInterval(() => this.checkFold(), foldCheckMs);
  }

  /** Claims nothing new and hands every session over; resolves when all are gone. May be called twice. */
  drain(): Promise<void> {
    this.draining ??= this.handOver();
    return this.draining;
  }

  free(): number {
    return this.draining ? 0 : this.options.capacity - this.sessions.size;
  }

  onClaim(lease: ClaimLease): void {
    if (this.draining) lease.handBack();
    else void this.replace(lease);
  }

  onLost(lease: ClaimLease): void {
    const session = this.sessions.get(lease.claim.sessionId);
    if (session?.lease !== lease) return;
    this.log.warn({ sessionId: session.sessionId }, 'the lease could not be renewed: the session is given up');
    void session.end('lost');
  }

  private async handOver(): Promise<void> {
    clearInterval(this.orphanTimer);
    clearInterval(this.foldTimer);
    await this.worker?.stopPulling();
    const held = [...this.sessions.values()];
    const inTurn = this.hasSiblings() ? this.handOverInTurn(held) : undefined;
    // A session may take its time to come to rest, which must not hold up the others.
    if (inTurn) await Promise.race([inTurn, new Promise((resolve) => setTimeout(resolve, PACED_MS).unref())]);
    await atOnce(HAND_OVERS_AT_ONCE.rest, async () => {
      for (let session = held.shift(); session; session = held.shift()) await session.handOver(0);
    });
    await inTurn;
    await this.worker?.close();
    await this.logic.close().catch((error: unknown) => this.log.error(errorOf(error), 'closing the engines failed'));
  }

  /**
   * Takes from the list for as long as others take over, busy ones last: what is being made in them, a reply's text for
   * instance, begins anew elsewhere.
   */
  private handOverInTurn(held: HostedSession[]): Promise<unknown> {
    const until = performance.now() + PACED_MS;
    return atOnce(HAND_OVERS_AT_ONCE.paced, async () => {
      while (held.length > 0 && performance.now() < until && this.hasSiblings()) {
        const at = held.findIndex(({ isBusy }) => !isBusy);
        const [session] = at < 0 ? [] : held.splice(at, 1);
        if (session) await session.handOver(SUCCESSION_MS);
        else await new Promise((resolve) => setTimeout(resolve, BUSY_CHECK_MS));
      }
    });
  }

  private hasSiblings(): boolean {
    const { presence, replica } = this.bus;
    return presence.live(this.options.stage).some((other) => other.replica !== replica);
  }

  /** A claim may come back to the replica that lost it: the old session must be gone before the new one begins. */
  private async replace(lease: ClaimLease): Promise<void> {
    const { sessionId } = lease.claim;
    const { options, bus, logic, metrics, log, probation } = this;
    const onEnded = (ended: HostedSession, reason: CloseReason) => this.onEnded(ended, reason);
    const { stage, poisonAfter = 5, probationMs = 250 } = options;
    const settings = { stage, poisonAfter, probationMs };
    const session = new HostedSession(lease, { ...settings, bus, logic, metrics, log, probation, onEnded });
    const previous = this.sessions.get(sessionId);
    this.sessions.set(sessionId, session);
    await previous?.end('lost');
    await session.open();
  }

  private onEnded(session: HostedSession, reason: CloseReason): void {
    this.metrics.ended.inc({ reason });
    if (this.sessions.get(session.sessionId) === session) this.sessions.delete(session.sessionId);
  }

  private checkFold(): void {
    const held = [...this.sessions.values()];
    void held[Math.floor(Math.random() * held.length)]?.checkFold();
  }

  /** A session whose gateway has been gone for long has no caller: it would be held for ever. */
  private endOrphans(): void {
    // Nobody's heartbeat comes while the broker is away: that says nothing of the gateways.
    if (!this.bus.connected) {
      this.gatewayMissingSince.clear();
      return;
    }
    const live = new Set(this.bus.presence.live('gateway').map(({ replica }) => replica));
    const now = performance.now();
    for (const session of this.sessions.values()) {
      if (live.has(session.gateway)) {
        this.gatewayMissingSince.delete(session.gateway);
        continue;
      }
      const since = this.gatewayMissingSince.get(session.gateway) ?? now;
      this.gatewayMissingSince.set(session.gateway, since);
      if (session.isOwner && now - since > this.options.orphanAfterMs) void session.end('orphaned');
    }
    const used = new Set([...this.sessions.values()].map(({ gateway }) => gateway));
    for (const gateway of this.gatewayMissingSince.keys()) {
      if (!used.has(gateway)) this.gatewayMissingSince.delete(gateway);
    }
  }
}

function atOnce(count: number, work: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, work));
}
