import type { SessionFeed, SessionWriter } from '@parley/bus';
import type { AudioFrame, CallerMessage, ErrorCode, ParleyEvent } from '@parley/contracts';
import type { Log } from '@parley/telemetry';
import type { Ticking } from '../tick-clock.js';
import { AgentVoice } from './agent-voice.js';
import { BusFailures } from './bus-failures.js';
import { CallerAudio } from './caller-audio.js';
import { CallerInput } from './caller-input.js';
import { CallerMode, stagesOf } from './caller-mode.js';
import { CallerNotices } from './caller-notices.js';
import { CallerPlayout } from './caller-playout.js';
import { CallerPressure } from './caller-pressure.js';
import { CallerVoice } from './caller-voice.js';
import type { Caller } from './caller.js';
import { EdgeError } from './edge-error.js';
import type { GatewayParts } from './gateway-parts.js';
import { HangUp } from './hang-up.js';
import { OwnEvents } from './own-events.js';
import type { ResumedSession } from './resumed-session.js';
import { SessionEnding, type EndReason, type LetGoReason } from './session-ending.js';
import { SessionLimits } from './session-limits.js';
import { VOICE_SAMPLE_RATE_HZ, type SessionSettings } from './session-settings.js';
import { StageNotices } from './stage-notices.js';
import { StageSupervision } from './stage-supervision.js';

/**
 * One caller's session: what the caller sends goes to the bus, what the bus says goes to the caller, the reply's voice
 * through the playout. Ticked by the process's session clock; holds no timer of its own. Without its caller it is
 * suspended: it stands still until somebody resumes it, here or elsewhere, or the resume window is over.
 */
export class CallSession implements Ticking {
  readonly #log: Log;
  readonly #failures: BusFailures;
  readonly #own: OwnEvents;
  readonly #notices: CallerNotices;
  readonly #limits: SessionLimits;
  readonly #pressure: CallerPressure;
  readonly #stages: StageNotices;
  readonly #mode: CallerMode;
  readonly #input: CallerInput;
  readonly #voice: AgentVoice;
  readonly #hangUp = new HangUp();
  readonly #ending: SessionEnding;
  #feed: SessionFeed | undefined;
  /** What came from the bus before the caller was told that the session has begun. */
  #held: (() => void)[] | undefined = [];
  #suspendedMs: number | undefined;

  constructor(
    private readonly parts: GatewayParts,
    private readonly caller: Caller,
    readonly settings: SessionSettings,
    private readonly writer: SessionWriter,
    private readonly onEnded: (session: CallSession) => void,
    private readonly resumed?: ResumedSession,
  ) {
    const { clock, config, liveness } = parts;
    const { sessionId, mode, offered, stages } = settings;
    this.#log = parts.log.child({ sessionId });
    this.#failures = new BusFailures(parts, this.#log);
    this.#own = new OwnEvents(writer, this.#failures);
    this.#notices = new CallerNotices(parts, caller, resumed?.seen);
    this.#limits = new SessionLimits(clock, config.sessions, resumed?.ageMs);
    this.#pressure = new CallerPressure(clock, config.caller);
    const supervision = new StageSupervision(clock, liveness, config.sessions.claimTimeoutMs, stages);
    this.#stages = new StageNotices(supervision, this.#notices, this.#log);
    const audio = new CallerAudio(clock, config.caller.aheadMs, resumed?.resentMs);
    const voice = new CallerVoice(parts, writer, audio, resumed?.receivedSamples);
    if (resumed && offered.includes('stt')) voice.fence();
    this.#mode = new CallerMode(mode, offered, {
      offer: (stage) => parts.bus.offer(stage, sessionId),
      listen: () => this.#voice.listen(),
      store: (to) => writer.publish('session.mode', { mode: to, pts: voice.position }),
      become: (to) => {
        this.#stages.require(stagesOf(to));
        this.#voice.become(to);
      },
    });
    this.#input = new CallerInput(parts, caller, this.#notices, writer, this.#failures, this.#mode, voice);
    const sink = new CallerPlayout(parts, caller, this.#notices, this.#pressure, (type, payload) => {
      if (type === 'playout.ended') this.#limits.touch();
      return this.#own.write(type, payload);
    });
    this.#voice = new AgentVoice(parts, settings, sink, this.#failures, this.#mode, this.isResumed);
    this.#ending = new SessionEnding(parts, caller, writer, this.#failures, this.#log, {
      fallSilent: () => this.#fallSilent(),
      done: () => this.onEnded(this),
    });
  }

  get sessionId(): string {
    return this.settings.sessionId;
  }

  get door(): Caller['door'] {
    return this.caller.door;
  }

  /** Not ended. */
  get active(): boolean {
    return !this.#ending.hasBegun;
  }

  /** Others may have had it before. */
  get isResumed(): boolean {
    return this.resumed !== undefined;
  }

  /** Its caller is lost and waited for. */
  get isSuspended(): boolean {
    return this.active && this.#suspendedMs !== undefined;
  }

  /** Voice that waits to be sent. */
  get bufferedMs(): number {
    return this.#voice.bufferedMs;
  }

  /** Ties the session's feed to its life. */
  attach(feed: SessionFeed): void {
    if (this.active) this.#feed = feed;
    else feed.close();
  }

  /** Tells the caller that the session has begun or goes on, and whatever has happened in it since. */
  start(): void {
    const { sessionId, agent, mode, frameMs, resumeToken } = this.settings;
    const { resumeWindowMs } = this.parts.config.sessions;
    const sampleRateHz = VOICE_SAMPLE_RATE_HZ;
    const session = { sessionId, agent, mode, sampleRateHz, frameMs, resumeToken, resumeWindowMs };
    if (this.resumed) {
      const { receivedSamples, playout, servedMs } = this.resumed;
      this.caller.sendEvent({ type: 'session_resumed', ...session, receivedSamples });
      this.#voice.resume(playout, servedMs);
    } else this.caller.sendEvent({ type: 'session_started', ...session });
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const take of held) take();
    this.#voice.watch();
    this.parts.sessionClock.watch(this);
  }

  /**
   * Takes a binary frame of the caller's voice.
   * @returns why it was dropped; the caller has been told, at most once a second
   */
  audio(pcm: Uint8Array): ErrorCode | undefined {
    if (!this.active || pcm.byteLength === 0) return undefined;
    return this.#input.audio(pcm);
  }

  /**
   * Takes a caller's message; resolves when it is stored.
   * @throws {EdgeError} `bus_unavailable`, or `gateway_draining` when the session is leaving this gateway; the caller has
   * not been told
   */
  async message(message: CallerMessage): Promise<void> {
    if (this.#ending.isLeaving) throw new EdgeError('gateway_draining');
    if (!this.active) return;
    if (message.type === 'end') return this.end('caller_ended');
    if (message.type === 'played') return this.#voice.heard(message);
    this.#limits.touch();
    await this.#input.message(message);
  }

  /**
   * Takes an event of the session from the bus.
   * @param isReplayed it comes from the log and may be old
   */
  event(event: ParleyEvent, isReplayed = false): void {
    if (!this.active) return;
    if (this.#held) return void this.#held.push(() => this.event(event, isReplayed));
    if (event.stage === 'gateway') return this.#gatewayEvent(event);
    if (event.type === 'session.closed') return void this.#ending.endedBy(event.reason);
    if (this.isSuspended) return;
    if (event.type === 'stage.claimed') this.#mode.noteTaken(event.stage);
    this.#stages.event(event);
    this.#limits.note(event);
    this.#hangUp.note(event);
    this.#voice.event(event, isReplayed);
    // What was understood on the way to a transcript is of no use any more.
    if (!(isReplayed && event.type === 'transcript.interim')) this.#notices.event(event);
    if (event.type === 'stage.failed' && event.code === 'unknown_agent') void this.end('unknown_agent');
  }

  /** Takes a frame of the agent's voice from the bus. */
  frame(frame: AudioFrame): void {
    if (!this.active) return;
    if (this.#held) return void this.#held.push(() => this.frame(frame));
    this.#voice.frame(frame);
  }

  /** The bus lost something for good. */
  lost(count: number): void {
    this.#failures.lost(count);
  }

  /** Does what is due: stages gone or back, a caller too slow, a session too long, a caller lost for too long. */
  tick(): void {
    if (!this.active) return;
    if (this.#suspendedMs !== undefined) return this.#expire(this.#suspendedMs);
    this.#input.tick();
    this.#voice.tick();
    this.#stages.tick();
    if (this.#pressure.isHopeless(this.caller.bufferedBytes))
      return void this.end('client_too_slow', 'client_too_slow');
    const hungUp = this.#hangUp.pending;
    if (hungUp && this.#voice.isOver(hungUp.reply)) return void this.end(hungUp.reason);
    const exceeded = this.#limits.exceeded;
    if (exceeded) void this.end(exceeded, exceeded);
  }

  /** The caller's connection is lost: the session stands still until it is resumed or the resume window is over. */
  suspend(): void {
    if (!this.active || this.isSuspended) return;
    this.#suspendedMs = this.parts.clock.nowMs();
    this.#held = undefined;
    this.#input.flush();
    this.#voice.freeze();
    this.parts.metrics.sessionsSuspended.inc({ door: this.door });
    this.#log.info('the caller is lost');
    // Whoever waits for the caller's voice must not take its absence for silence.
    this.#own.write('session.suspended', { replica: this.parts.bus.replica });
    this.parts.sessionClock.watch(this);
  }

  /** Its caller has come back and waits for its turn: the resume window begins anew. */
  expectCaller(): void {
    if (this.isSuspended) this.#suspendedMs = this.parts.clock.nowMs();
  }

  /** Asks the caller to go on at another gateway; until it does, the session goes on here. */
  askToMove(): void {
    if (this.active) this.caller.sendEvent({ type: 'session_moved', reason: 'gateway_draining' });
  }

  /** Lets the caller go on elsewhere, when all it said is in the log. May be called again. Never rejects. */
  move(): Promise<void> {
    return this.#ending.move();
  }

  /** Leaves the session to whoever resumes it, without a word. May be called again. Never rejects. */
  letGo(reason: LetGoReason): Promise<void> {
    return this.#ending.letGo(reason);
  }

  /**
   * Ends the session: `session.closed` on the bus, `session_ended` to the caller, then the connection closes. May be
   * called again. Never rejects.
   * @param code error to tell the caller of before
   */
  end(reason: EndReason, code?: ErrorCode): Promise<void> {
    return this.#ending.end(reason, () => {
      this.#voice.stop();
      if (code) this.#notices.error(code);
    });
  }

  /** Ends a session that the caller never got: nothing is said to the caller. Never rejects. */
  abandon(reason: EndReason): Promise<void> {
    return this.#ending.abandon(reason);
  }

  /** What a gateway has written: this one, an earlier one, or one that has taken the session over. */
  #gatewayEvent(event: ParleyEvent): void {
    if (event.epoch > this.writer.epoch) {
      this.#log.info({ epoch: this.writer.epoch, newer: event.epoch }, 'the session goes on elsewhere');
      return this.#ending.superseded();
    }
    if (event.epoch === this.writer.epoch) return;
    if (event.type === 'session.text') this.#input.noteText(event.messageId);
    else this.#notices.event(event);
  }

  #expire(suspendedMs: number): void {
    const { clock, config, metrics } = this.parts;
    if (clock.nowMs() - suspendedMs < config.sessions.resumeWindowMs) return;
    metrics.sessionsExpired.inc();
    void this.end('caller_lost');
  }

  #fallSilent(): void {
    this.#input.flush();
    this.#voice.close();
    this.#held = undefined;
    this.#feed?.close();
  }
}
