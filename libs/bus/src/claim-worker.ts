import { claimSchema, type ClaimedStage } from '@parley/contracts';
import type { Consumer, ConsumerMessages, JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { BusMetrics } from './bus-metrics.js';
import { decideDelivery, decideDoubt } from './claim-decisions.js';
import { forgetDeadClaims } from './dead-claims.js';
import { HeldClaim } from './held-claim.js';
import { LeaseWatch } from './lease-watch.js';
import { before, patiently, pause } from './patience.js';
import type { ClaimHandler, ClaimWorker } from './session-bus.js';
import { STREAMS } from './streams.js';

/** Sessions asked for in one pull: small, so that several replicas share a burst. */
const PULL_BATCH = 4;
const PULL_EXPIRES_MS = 2000;
const RETRY_MS = 250;
/** Replicas look for dead claims at different times within this after an outage: the first that finds some ends them. */
const DEAD_WITHIN_MS = 500;
/** Owners looked up at a time when leases are in doubt. */
const CHECKS_AT_ONCE = 16;

/** What a {@link NatsClaimWorker} works with. */
export interface ClaimWorkerOptions {
  connection: NatsConnection;
  js: JetStreamClient;
  stage: ClaimedStage;
  handler: ClaimHandler;
  metrics: BusMetrics;
  /** The newest epoch of a session for the stage. Rejects while the broker is away. */
  newestEpoch(sessionId: string): Promise<number | undefined>;
  /** How long to try to begin. */
  startMs: number;
  /** How long sessions are kept while the broker is away and nobody can say who owns them. */
  doubtMs: number;
}

/**
 * Takes sessions from a stage's claim consumer and keeps their leases: every held claim reports progress each
 * quarter of the lease, the last one with an answer, which shows that all arrived. When none has arrived for the
 * lease less a margin the leases are in doubt: nothing is renewed until the owners bucket has said which sessions are
 * still this replica's, and the others are lost.
 */
export class NatsClaimWorker implements ClaimWorker {
  private readonly held = new Map<string, HeldClaim>();
  private readonly watch: LeaseWatch;
  private renewing = false;
  /** Deliveries whose owner is being looked up. */
  private settling = 0;
  private readonly timer: NodeJS.Timeout;
  private pulling: Promise<void>;
  private current: ConsumerMessages | undefined;
  private stopped = false;

  /** Begins to take sessions at once. @throws {BusError} `unavailable` */
  static async start(options: ClaimWorkerOptions): Promise<NatsClaimWorker> {
    const { js, stage, startMs } = options;
    const find = async () => {
      const consumer = await js.consumers.get(STREAMS.claims, stage);
      return { consumer, info: await consumer.info(true) };
    };
    const { consumer, info } = await patiently(find, { deadlineMs: startMs, what: `claim sessions for ${stage}` });
    const manager = await js.jetstreamManager(false);
    return new NatsClaimWorker(options, consumer, manager, (info.config.ack_wait ?? 2e9) / 1e6);
  }

  private constructor(
    private readonly options: ClaimWorkerOptions,
    private readonly consumer: Consumer,
    private readonly manager: JetStreamManager,
    private readonly leaseMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.watch = new LeaseWatch(leaseMs, options.doubtMs, this.now());
    this.timer = setInterval(() => void this.renewAll(), leaseMs / 4);
    this.pulling = this.pullForever();
    void this.forgetDead();
  }

  async stopPulling(): Promise<void> {
    this.stopped = true;
    this.current?.stop();
    await this.pulling;
  }

  async close(): Promise<void> {
    await this.stopPulling();
    clearInterval(this.timer);
    this.held.clear();
  }

  /** This replica has taken ownership of a session: its lease, if it holds one, is judged by this epoch. */
  noteEpoch(sessionId: string, epoch: number): void {
    const lease = this.held.get(sessionId);
    if (lease) lease.epoch = epoch;
  }

  /** The connection was lost or is back: a pull that the broker has forgotten is not waited for. */
  onLink(up: boolean): void {
    this.watch.missed(this.now());
    if (!up) return;
    this.current?.stop();
    void this.renewAll();
    void this.forgetDead();
  }

  private async forgetDead(): Promise<void> {
    const { connection, stage, startMs } = this.options;
    await pause(Math.random() * DEAD_WITHIN_MS);
    const forget = () => forgetDeadClaims(connection, this.manager, stage);
    const isCancelled = () => this.stopped;
    try {
      const count = await patiently(forget, { deadlineMs: startMs, what: 'look for dead claims', isCancelled });
      if (count > 0) this.count('forgotten', count);
    } catch {
      // The broker is away again, and they are looked for when it is back.
      if (!this.stopped) this.count('unclear');
    }
  }

  private async pullForever(): Promise<void> {
    const { connection, handler } = this.options;
    while (!this.stopped) {
      const free = handler.free() - this.settling;
      if (free <= 0 || connection.isClosed()) {
        await pause(RETRY_MS / 5);
        continue;
      }
      try {
        this.current = await this.consumer.fetch({
          max_messages: Math.min(free, PULL_BATCH),
          expires: PULL_EXPIRES_MS,
        });
        for await (const message of this.current) this.take(message);
      } catch {
        // The connection is down or the consumer is not there: the claim stays with the broker until it is back.
        this.watch.missed(this.now());
        this.count('pull_failed');
        await pause(RETRY_MS);
      }
    }
  }

  private take(message: JsMsg): void {
    const parsed = claimSchema.safeParse(parseJson(message));
    if (!parsed.success) {
      // No session can come of it, however often it is delivered.
      this.count('invalid');
      message.term('not a claim of this version');
      return;
    }
    if (this.stopped) {
      message.nak();
      return;
    }
    const lease = new HeldClaim(parsed.data, message, (which, outcome) => this.release(which, outcome));
    // Nothing has to be looked up while all is well, which keeps new sessions quick.
    if (!this.held.has(parsed.data.sessionId) && !this.watch.afterTrouble(this.now())) this.hold(lease);
    else void this.settle(lease, message);
  }

  /** A claim that was delivered after trouble, or that this replica holds already: the owners bucket says whose it is. */
  private async settle(lease: HeldClaim, message: JsMsg): Promise<void> {
    const { sessionId } = lease.claim;
    const atFirst = this.held.get(sessionId);
    this.settling++;
    try {
      const newest = await this.options.newestEpoch(sessionId);
      const mine = this.held.get(sessionId);
      const { deliveries } = lease;
      const afterTrouble = this.watch.afterTrouble(this.now());
      const known = { deliveries, afterTrouble, owned: newest !== undefined };
      const decision = decideDelivery({ ...known, ...(mine && { held: { mine: mine.epoch, newest } }) });
      if (this.stopped || (atFirst && !mine)) {
        // Ended meanwhile, and if that was the session's end the claim is gone.
        message.nak();
      } else if (mine !== atFirst) {
        // Another delivery of it was taken meanwhile, and its renewals count for both.
        this.count('kept');
      } else if (decision === 'defer') {
        this.count('deferred');
        message.nak(this.leaseMs);
      } else if (mine && decision === 'keep') {
        mine.adopt(message);
        this.count('kept');
      } else {
        if (mine) this.lose(mine);
        this.hold(lease);
      }
    } catch {
      // Nothing is known: the delivery runs out and comes again.
      this.count('unclear');
    } finally {
      this.settling--;
    }
  }

  private hold(lease: HeldClaim): void {
    // With nothing held nothing was renewed, and the delivery itself is the broker's answer.
    if (this.held.size === 0) this.watch.answered(this.now());
    this.held.set(lease.claim.sessionId, lease);
    this.count(lease.deliveries > 1 ? 'taken_over' : 'taken');
    this.options.handler.onClaim(lease);
  }

  private release(lease: HeldClaim, outcome: string): void {
    if (this.held.get(lease.claim.sessionId) !== lease) return;
    this.held.delete(lease.claim.sessionId);
    this.count(outcome);
  }

  private async renewAll(): Promise<void> {
    const sentAt = this.now();
    const state = this.watch.state(sentAt);
    if (state === 'expired') for (const lease of [...this.held.values()]) this.lose(lease);
    if (this.renewing) return;
    this.renewing = true;
    try {
      // Judged before renewing: after a stall the first late report would keep a lease that another has.
      if (state === 'doubtful') await this.settleDoubt();
      else for (const lease of this.held.values()) lease.renew();
      await this.roundTrip();
      this.watch.answered(sentAt);
    } catch {
      // Judged by the next round, and counted when sessions are lost by it.
      this.watch.missed(this.now());
    } finally {
      this.renewing = false;
    }
  }

  /** Renews what is still this replica's and loses the rest. Rejects, with nothing lost, while nobody can say. */
  private async settleDoubt(): Promise<void> {
    const { newestEpoch } = this.options;
    const queue = [...this.held.values()];
    const check = async () => {
      for (let lease = queue.pop(); lease; lease = queue.pop()) {
        const newest = await newestEpoch(lease.claim.sessionId);
        if (this.held.get(lease.claim.sessionId) !== lease) continue;
        if (decideDoubt({ mine: lease.epoch, newest }) === 'keep') lease.renew();
        else this.lose(lease);
      }
    };
    await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, check));
  }

  /** Shows that the claim consumer has seen every report, and, with nothing held, that the broker is there. */
  private async roundTrip(): Promise<void> {
    const { connection } = this.options;
    const timeoutMs = this.leaseMs / 2;
    const last = [...this.held.values()].at(-1);
    if (last) await last.renewAndWait(connection, timeoutMs);
    else await before(performance.now() + timeoutMs, connection.flush());
  }

  private lose(lease: HeldClaim): void {
    this.release(lease, 'lost');
    this.options.handler.onLost(lease);
  }

  private count(outcome: string, many = 1): void {
    this.options.metrics.claims.inc({ stage: this.options.stage, outcome }, many);
  }
}

function parseJson(message: JsMsg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
