import type { BusError, ClaimLease, DeliveryContext, SessionBus, SessionFeed, SessionWriter } from '@parley/bus';
import type { ClaimedStage, ParleyEvent } from '@parley/contracts';
import { errorOf, type Log } from '@parley/telemetry';
import { releaseClaim } from './claim-release.js';
import { FailureReports } from './failure-reports.js';
import { checkFold } from './fold-check.js';
import type { HostMetrics } from './host-metrics.js';
import type { Probation } from './probation.js';
import { takeLeave } from './session-leave.js';
import { NO_PAST, readPast, SUSPECT_AFTER, type SessionPast } from './session-past.js';
import { runInScope, type SessionScope } from './session-scope.js';
import type { CloseReason, StageLogic, StageSession } from './stage-logic.js';
import { VOICE_FENCE } from './voice-fence.js';
import { within } from './within.js';

/** What a {@link HostedSession} works with. */
export interface HostedSessionOptions {
  stage: ClaimedStage;
  bus: SessionBus;
  logic: StageLogic;
  metrics: HostMetrics;
  log: Log;
  /** Where this replica's suspects wait. */
  probation: Probation;
  poisonAfter: number;
  probationMs: number;
  onEnded(session: HostedSession, reason: CloseReason): void;
}

/** One claimed session in this replica: takes ownership, feeds the stage's logic, and ends it for one reason. */
export class HostedSession implements SessionScope {
  readonly sessionId: string;
  private readonly abort = new AbortController();
  private readonly log: Log;
  private readonly failures: FailureReports;
  private writer: SessionWriter | undefined;
  private feed: SessionFeed | undefined;
  private session: StageSession | undefined;
  private epoch = 0;
  private gatewayReplica: string;
  private opening: Promise<void> = Promise.resolve();
  private ending: Promise<void> | undefined;
  private isLost = false;
  private settling: NodeJS.Timeout | undefined;
  private onSucceeded: () => void = () => undefined;
  private readonly succeeded = new Promise<void>((resolve) => (this.onSucceeded = resolve));
  private successionMs = 0;

  constructor(
    readonly lease: ClaimLease,
    private readonly options: HostedSessionOptions,
  ) {
    this.sessionId = lease.claim.sessionId;
    this.gatewayReplica = lease.claim.gateway;
    this.log = options.log.child({ sessionId: this.sessionId });
    this.failures = new FailureReports(this.log, options.metrics);
  }

  /** The gateway replica that holds the caller, or held it last. */
  get gateway(): string {
    return this.gatewayReplica;
  }

  /** Whether it has begun to take the session: before, it can write nothing. */
  get isOwner(): boolean {
    return this.writer !== undefined;
  }

  /** Something is being made here that a new owner would have to begin anew. */
  get isBusy(): boolean {
    return !this.ending && (this.session?.isBusy?.() ?? false);
  }

  /** Takes ownership and begins, unless it was ended before. Never rejects: what fails ends the session here. */
  open(): Promise<void> {
    if (!this.ending) this.opening = this.begin().catch((error: unknown) => this.onOpenFailed(error));
    return this.opening;
  }

  /** Ends the session for this replica. May be called again: the first reason counts. Never rejects. */
  end(reason: CloseReason): Promise<void> {
    if (reason === 'lost') this.lose();
    this.ending ??= this.finish(reason);
    return this.ending;
  }

  /**
   * Hands the session over because the replica stops.
   * @param waitMs how long to wait until another replica has taken it
   */
  handOver(waitMs: number): Promise<void> {
    this.successionMs = waitMs;
    return this.end('drained');
  }

  /** Compares what is known here with the fold of the log, and counts how that came out. Never rejects. */
  async checkFold(): Promise<void> {
    const { session, sessionId } = this;
    const { bus, logic, metrics } = this.options;
    if (!session || this.ending || !this.feed) return;
    try {
      const outcome = await checkFold(bus, logic, sessionId, session);
      if (this.ending) return;
      metrics.foldChecks.inc({ outcome });
      if (outcome === 'diverged') this.log.error('the live state is not the fold of the log');
    } catch (error) {
      this.log.limited('fold', 'warn', errorOf(error), 'the log could not be compared');
    }
  }

  crash(error: unknown): void {
    this.options.metrics.crashes.inc();
    this.log.error(errorOf(error), 'the session set off an error that nobody caught');
    if (this.ending) return;
    this.failures.report({ message: error instanceof Error ? error.message : String(error) }, this.writer);
    void this.end('crashed');
  }

  private async begin(): Promise<void> {
    const { bus, stage, probation, poisonAfter, probationMs } = this.options;
    const past = this.lease.deliveries > 1 ? await readPast(bus, stage, this.sessionId) : NO_PAST;
    if (past.gateway) this.gatewayReplica = past.gateway;
    const crashes = past.quickCrashes;
    if (this.ending) return;
    if (crashes < SUSPECT_AFTER) return this.work();
    this.log.warn({ crashes }, 'owners of the session have crashed');
    if (crashes >= poisonAfter) return this.refuse(past);
    // Before it is given up for good nothing else that is suspect may be what crashed.
    const aloneMs = crashes === poisonAfter - 1 ? SETTLED_AFTER_MS : probationMs;
    await probation.pass({ crashes, aloneMs, signal: this.abort.signal, open: () => this.work() });
  }

  /** Takes the session only to close it. */
  private async refuse({ isClosed }: SessionPast): Promise<void> {
    await this.take();
    void this.end(isClosed ? 'closed' : 'poisoned');
  }

  /** Marks the session as this replica's; nothing when it was ended meanwhile. */
  private async take(): Promise<SessionWriter | undefined> {
    const { bus, stage } = this.options;
    const { sessionId, lease } = this;
    this.epoch = await bus.acquire(stage, sessionId);
    // A mark now would fence whoever has the session next.
    if (this.ending) return undefined;
    const writer = bus.writer({ stage, sessionId, epoch: this.epoch });
    this.writer = writer;
    // The fence comes before the log is read, so that whatever a predecessor writes later is void for everybody.
    await writer.publish('stage.claimed', { replica: bus.replica, deliveries: lease.deliveries });
    return this.ending ? undefined : writer;
  }

  private async work(): Promise<void> {
    const { bus, logic } = this.options;
    const { sessionId, log } = this;
    const writer = await this.take();
    if (!writer) return;
    this.settling = setTimeout(() => this.settle(writer), SETTLED_AFTER_MS);
    const takeover = this.lease.deliveries > 1;
    if (logic.writesAudio && takeover) writer.audio(logic.writesAudio, VOICE_FENCE);
    const owned = {
      sessionId,
      epoch: this.epoch,
      writer,
      bus,
      takeover,
      gatewayBeat: () => this.gatewayBeat(),
      signal: this.abort.signal,
      log,
    };
    this.session = await runInScope(this, () => logic.open(owned));
    if (this.ending) return;
    const feed = await bus.feed({
      sessionId,
      kinds: [...new Set([...logic.kinds, 'session' as const, 'stage' as const])],
      ...(logic.audio && { audio: logic.audio }),
      // Of a session that nobody had before, voice is followed from its first frame.
      voiceSince: () => (takeover ? this.session?.voiceSince?.() : undefined),
      onEvent: (event, context) => this.onEvent(event, context),
      onFrame: (frame) => {
        if (!this.ending) this.guard('frame', () => this.session?.onFrame?.(frame));
      },
      onLost: (lost) => log.limited('feed.lost', 'warn', lost, 'messages of the session were lost'),
    });
    this.feed = feed;
    if (!this.ending) this.guard('live', () => this.session?.onLive?.());
  }

  private gatewayBeat(): number | undefined {
    if (!this.feed || this.feed.behind) return undefined;
    return this.options.bus.presence.live('gateway').find(({ replica }) => replica === this.gateway)?.at;
  }

  /** From now on a crash is not blamed on how the session began. */
  private settle(writer: SessionWriter): void {
    const { replica } = this.options.bus;
    writer
      .publish('stage.settled', { replica })
      .catch((error: unknown) => this.log.warn(errorOf(error), 'the log could not be told that the session goes well'));
  }

  private onEvent(event: ParleyEvent, context: DeliveryContext): void {
    const isNewer = event.type === 'stage.claimed' && event.stage === this.options.stage && event.epoch > this.epoch;
    if (isNewer) this.onSucceeded();
    if (this.ending) return;
    if (event.type === 'session.resumed') this.gatewayReplica = event.replica;
    if (isNewer) {
      this.log.warn({ epoch: this.epoch, newer: event.epoch }, 'a newer owner exists');
      void this.end('lost');
      return;
    }
    this.guard(event.type, () => this.session?.onEvent(event, context));
    if (event.type === 'session.closed') void this.end('closed');
  }

  /** Whatever the stage's logic throws is reported; it never reaches other sessions. */
  private guard(what: string, run: () => void): void {
    try {
      runInScope(this, run);
    } catch (error) {
      this.failures.handlerFailed(what, error, this.writer);
    }
  }

  private async onOpenFailed(error: unknown): Promise<void> {
    if (this.ending) return;
    const { code, retryable } = (error ?? {}) as Partial<BusError>;
    this.options.metrics.openFailures.inc({ code: code ?? 'internal' });
    this.log.error(errorOf(error), 'the session cannot be worked on');
    if (retryable !== false) {
      void this.end('failed');
      return;
    }
    // Kept, so that it does not travel through every replica; the end of the session releases it.
    this.failures.report(error, this.writer);
    try {
      this.feed = await this.options.bus.feed({
        sessionId: this.sessionId,
        kinds: ['session', 'stage'],
        onEvent: (event, context) => this.onEvent(event, context),
      });
    } catch (cause) {
      this.log.warn(errorOf(cause), 'the end of the session cannot be waited for');
      void this.end('failed');
    }
  }

  private async finish(reason: CloseReason): Promise<void> {
    const { bus, stage } = this.options;
    this.abort.abort(reason);
    clearTimeout(this.settling);
    const closed = this.session && this.closeSession(this.session, reason);
    // What crashed may never come to an end.
    const wait = reason === 'crashed' ? CRASHED_CLOSE_MS : undefined;
    await within(wait, this.opening);
    await within(wait, closed ?? (this.session && this.closeSession(this.session, reason)));
    if (this.successionMs === 0) this.feed?.close();
    try {
      if (this.writer && !this.isLost) await takeLeave(this.writer, bus.replica, reason, this.log);
      await this.writer?.close();
      if (!this.isLost) await releaseClaim({ bus, stage, lease: this.lease, epoch: this.epoch }, reason);
      if (this.successionMs > 0 && this.feed) await within(this.successionMs, this.succeeded);
    } catch (error) {
      this.log.warn(errorOf(error), 'the claim could not be given up: its lease runs out');
      this.lease.abandon();
    }
    this.feed?.close();
    this.options.onEnded(this, reason);
  }

  /** Another replica may have the session: nothing is written any more, and its claim is left alone. */
  private lose(): void {
    this.isLost = true;
    this.lease.abandon();
    // Closed to everybody at once; what is waited for later is what was written before.
    void this.writer?.close();
  }

  private async closeSession(session: StageSession, reason: CloseReason): Promise<void> {
    try {
      await runInScope(this, () => session.close(reason));
    } catch (error) {
      this.log.error(errorOf(error), 'closing failed');
    }
  }
}

/** How long an owner lives with a session before a crash is not blamed on it. */
const SETTLED_AFTER_MS = 5000;

/** How long a session that crashed may take to come to rest. */
const CRASHED_CLOSE_MS = 1000;
