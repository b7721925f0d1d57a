import type { SessionFeed, SessionWriter } from '@parley/bus';
import {
  kindOf,
  type AudioFrame,
  type CallerMessage,
  type EndReason as AgentEndReason,
  type ErrorCode,
  type EventType,
  type Mode,
  type ParleyEvent,
  type Payload,
  type SeenEvents,
} from '@parley/contracts';
import type { Log } from '@parley/telemetry';
import { Playout } from '../playout/playout.js';
import type { Ticking } from '../tick-clock.js';
import { CallerAudio } from './caller-audio.js';
import { CallerMode, isHeard, stagesOf } from './caller-mode.js';
import { CallerPlayout } from './caller-playout.js';
import { CallerPressure } from './caller-pressure.js';
import { CallerVoice } from './caller-voice.js';
import type { Caller } from './caller.js';
import { EdgeError, errorEvent } from './edge-error.js';
import { EdgeTranslation } from './edge-translation.js';
import { ErrorLimit } from './error-limit.js';
import type { GatewayParts } from './gateway-parts.js';
import { HangUp } from './hang-up.js';
import { playReplyEvent } from './reply-events.js';
import type { ResumedPlayout } from './resumed-playout.js';
import { SessionLimits } from './session-limits.js';
import { VOICE_SAMPLE_RATE_HZ, type SessionSettings } from './session-settings.js';
import { SpeechPause } from './speech-pause.js';
import { StageSupervision, type StageChange } from './stage-supervision.js';
import { StoredTexts } from './stored-texts.js';

/** How long a caller waits for the end of its session while what was written is on its way to the bus. */
const CLOSE_PATIENCE_MS = 1000;
/** How long voice may be on its way after its caller was told that it writes now. */
const VOICE_ON_ITS_WAY_MS = 1000;

/** Why a session ended here; stands in `session.closed` and `session_ended`. */
export type EndReason =
  | 'caller_left'
  | 'caller_ended'
  | 'caller_lost'
  | AgentEndReason
  | 'gateway_stopped'
  | 'session_idle'
  | 'client_too_slow'
  | 'unknown_agent'
  | 'bus_unavailable';

/** Why a session is no longer this gateway's business, though it is not over. */
type LetGoReason = 'resumed_elsewhere' | 'gateway_draining';

/** What is known of a session that another gateway had, or this one before the connection was lost. */
export interface ResumedSession {
  /** What its caller was told. */
  seen: SeenEvents;
  /** Samples of the caller's voice that are in the log, or lost for good. */
  receivedSamples: number;
  /** Voice that the caller may send again faster than real time. */
  resentMs: number;
  /** Since the session was opened. */
  ageMs: number;
  playout: ResumedPlayout;
  /** How long the former gateway went on serving the caller beyond what the caller said to have. */
  servedMs: number;
}

/**
 * One caller's session: what the caller sends goes to the bus, what the bus says goes to the caller, the reply's voice
 * through the playout. Ticked by the process's session clock; holds no timer of its own. Without its caller it is
 * suspended: it stands still until somebody resumes it, here or elsewhere, or the resume window is over.
 */
export class CallSession implements Ticking {
  readonly #voice: CallerVoice;
  readonly #texts = new StoredTexts();
  readonly #errors: ErrorLimit;
  readonly #limits: SessionLimits;
  readonly #pressure: CallerPressure;
  readonly #supervision: StageSupervision;
  readonly #translation = new EdgeTranslation();
  readonly #hangUp = new HangUp();
  readonly #sink: CallerPlayout;
  readonly #mode: CallerMode;
  #playout: Playout | undefined;
  #pause: SpeechPause | undefined;
  readonly #log: Log;
  #playoutEvents = 0;
  #newestReply = 0;
  #policy: ParleyEvent | undefined;
  #feed: SessionFeed | undefined;
  /** Follows the agent's voice, where the caller did not want any at first. */
  #voiceFeed: SessionFeed | undefined;
  /** What came from the bus before the caller was told that the session has begun. */
  #held: (() => void)[] | undefined = [];
  #suspendedMs: number | undefined;
  /** It goes on elsewhere: what is not stored by now must be said there. */
  #isLeaving = false;
  /** When the caller was told of the mode that it is in. */
  #modeToldMs = -Infinity;
  #ending: Promise<void> | undefined;

  constructor(
    private readonly parts: GatewayParts,
    private readonly caller: Caller,
    readonly settings: SessionSettings,
    private readonly writer: SessionWriter,
    private readonly onEnded: (session: CallSession) => void,
    private readonly resumed?: ResumedSession,
  ) {
    const { clock, config, liveness } = parts;
    this.#log = parts.log.child({ sessionId: settings.sessionId });
    const audio = new CallerAudio(clock, config.caller.aheadMs, resumed?.resentMs);
    this.#voice = new CallerVoice(parts, writer, audio, resumed?.receivedSamples);
    if (resumed && settings.offered.includes('stt')) this.#voice.fence();
    this.#errors = new ErrorLimit(clock);
    this.#limits = new SessionLimits(clock, config.sessions, resumed?.ageMs);
    this.#pressure = new CallerPressure(clock, config.caller);
    this.#supervision = new StageSupervision(clock, liveness, config.sessions.claimTimeoutMs, settings.stages);
    this.#sink = new CallerPlayout(parts, caller, this.#pressure, (type, payload) => this.#publish(type, payload));
    this.#mode = new CallerMode(settings.mode, settings.offered, {
      offer: (stage) => parts.bus.offer(stage, settings.sessionId),
      listen: () => this.#listen(),
      store: (mode) => writer.publish('session.mode', { mode, pts: this.#voice.position }),
      become: (mode) => this.#onMode(mode),
    });
    if (settings.offered.includes('tts')) this.#playout = this.#newPlayout();
  }

  get sessionId(): string {
    return this.settings.sessionId;
  }

  get door(): Caller['door'] {
    return this.caller.door;
  }

  /** Not ended. */
  get active(): boolean {
    return this.#ending === undefined;
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
    return this.#playout?.bufferedMs ?? 0;
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
    const session = {
      sessionId,
      agent,
      mode,
      sampleRateHz: VOICE_SAMPLE_RATE_HZ,
      frameMs,
      resumeToken,
      resumeWindowMs,
    };
    if (this.resumed) {
      const { receivedSamples, playout } = this.resumed;
      this.caller.sendEvent({ type: 'session_resumed', ...session, receivedSamples });
      for (const end of playout.unreported) this.#sink.ended(end);
      // What a caller who reads now had begun to hear is shown when the log tells of it again.
      const state = this.#mode.voiceOut ? playout.state : { over: playout.state.over };
      this.#playout?.resume(state, this.resumed.servedMs);
    } else this.caller.sendEvent({ type: 'session_started', ...session });
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const take of held) take();
    if (this.#playout) this.parts.playoutClock.watch(this.#playout);
    this.parts.sessionClock.watch(this);
  }

  /**
   * Takes a binary frame of the caller's voice.
   * @returns why it was dropped; the caller has been told, at most once a second
   */
  audio(pcm: Uint8Array): ErrorCode | undefined {
    if (!this.active || pcm.byteLength === 0) return undefined;
    const code = this.#mode.voiceIn ? this.#voice.take(pcm) : this.#voice.refuse(pcm);
    if (!code) return undefined;
    this.parts.metrics.framesDropped.inc({ reason: code });
    if (code === 'audio_not_expected' && this.#isVoiceOnItsWay) return code;
    if (this.#errors.admit(code)) this.tell(code);
    return code;
  }

  /**
   * Takes a caller's message; resolves when it is stored.
   * @throws {EdgeError} `bus_unavailable`, or `gateway_draining` when the session is leaving this gateway; the caller has
   * not been told
   */
  async message(message: CallerMessage): Promise<void> {
    if (this.#isLeaving) throw new EdgeError('gateway_draining');
    if (!this.active) return;
    if (message.type === 'end') return this.end('caller_ended');
    if (message.type === 'played') return this.#playout?.heard(message);
    this.#limits.touch();
    try {
      await this.#store(message);
    } catch (cause) {
      this.#countBusFailure(`session.${message.type}`, cause);
      throw new EdgeError('bus_unavailable', undefined, { cause });
    }
  }

  /**
   * Takes an event of the session from the bus.
   * @param isReplayed it comes from the log and may be old
   */
  event(event: ParleyEvent, isReplayed = false): void {
    if (!this.active) return;
    if (this.#held) return void this.#held.push(() => this.event(event, isReplayed));
    if (event.stage === 'gateway') return this.#gatewayEvent(event);
    if (event.type === 'session.closed') return void this.#endedBy(event.reason);
    if (this.isSuspended) return;
    this.#supervise(event);
    this.#hangUp.note(event);
    if (event.type === 'reply.started') this.#newestReply = event.reply;
    if (event.type === 'session.policy') this.#policy = event;
    const goesOn = this.#pause?.event(event, isReplayed);
    if (this.#playout && (playReplyEvent(this.#playout, event, this.#mode.voiceOut) || goesOn))
      this.parts.playoutClock.watch(this.#playout);
    // What was understood on the way to a transcript is of no use any more.
    if (!(isReplayed && event.type === 'transcript.interim')) this.#translate(event);
    if (event.type === 'stage.failed' && event.code === 'unknown_agent') void this.end('unknown_agent');
  }

  /** Takes a frame of the agent's voice from the bus. */
  frame(frame: AudioFrame): void {
    if (!this.active || !this.#playout || this.isSuspended) return;
    if (this.#held) return void this.#held.push(() => this.frame(frame));
    if (!this.#mode.voiceOut) return;
    this.#playout.frame(frame);
    this.parts.playoutClock.watch(this.#playout);
  }

  /** The bus lost something for good. */
  lost(count: number): void {
    this.parts.metrics.busFailures.inc({ kind: 'lost' }, count);
    this.#log.limited('feed.lost', 'warn', { count }, 'messages of the session were lost');
  }

  /** Does what is due: stages gone or back, a caller too slow, a session too long, a caller lost for too long. */
  tick(): void {
    if (!this.active) return;
    if (this.#suspendedMs !== undefined) return this.#expire(this.#suspendedMs);
    if (this.#playout && this.#pause?.tick()) this.parts.playoutClock.watch(this.#playout);
    for (const change of this.#supervision.check()) this.#tellStage(change);
    if (this.#pressure.isHopeless(this.caller.bufferedBytes))
      return void this.end('client_too_slow', 'client_too_slow');
    const hungUp = this.#hangUp.pending;
    if (hungUp && (this.#playout?.isOver(hungUp.reply) ?? true)) return void this.end(hungUp.reason);
    const exceeded = this.#limits.exceeded;
    if (exceeded) void this.end(exceeded, exceeded);
  }

  /** Tells the caller of an error. */
  tell(code: ErrorCode, message?: string): void {
    this.parts.metrics.callerErrors.inc({ code });
    this.caller.sendEvent(errorEvent(code, { message }));
  }

  /** The caller's connection is lost: the session stands still until it is resumed or the resume window is over. */
  suspend(): void {
    if (!this.active || this.isSuspended) return;
    this.#suspendedMs = this.parts.clock.nowMs();
    this.#held = undefined;
    this.#playout?.freeze();
    this.parts.metrics.sessionsSuspended.inc({ door: this.door });
    this.#log.info('the caller is lost');
    // Whoever waits for the caller's voice must not take its absence for silence.
    this.#publish('session.suspended', { replica: this.parts.bus.replica });
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
    return (this.#ending ??= this.#move());
  }

  /** Leaves the session to whoever resumes it, without a word. May be called again. Never rejects. */
  letGo(reason: LetGoReason): Promise<void> {
    return (this.#ending ??= this.#letGo(reason));
  }

  /**
   * Ends the session: `session.closed` on the bus, `session_ended` to the caller, then the connection closes. May be
   * called again. Never rejects.
   * @param code error to tell the caller of before
   */
  end(reason: EndReason, code?: ErrorCode): Promise<void> {
    return (this.#ending ??= this.#end(reason, code));
  }

  /** Ends a session that the caller never got: nothing is said to the caller. Never rejects. */
  abandon(reason: EndReason): Promise<void> {
    return (this.#ending ??= this.#close(reason));
  }

  async #store(message: Exclude<CallerMessage, { type: 'end' | 'played' }>): Promise<void> {
    // What is said after a switch is said in the new mode.
    if (message.type !== 'mode') await this.#mode.settled();
    switch (message.type) {
      case 'text': {
        const { text, id: messageId } = message;
        const payload = { text, ...(messageId !== undefined && { messageId }) };
        return this.#texts.once(messageId, async () => void (await this.writer.publish('session.text', payload)));
      }
      case 'mode':
        await this.#mode.switchTo(message.mode);
        this.parts.metrics.modeSwitches.inc({ mode: message.mode });
        this.#modeToldMs = this.parts.clock.nowMs();
        return this.caller.sendEvent({ type: 'mode_changed', mode: message.mode });
      case 'commit':
        return void (await this.writer.publish('session.commit', { pts: this.#voice.position }));
      case 'dtmf':
        return void (await this.writer.publish('session.dtmf', { digits: message.digits }));
    }
  }

  /** The caller cannot have heard yet that its voice is not expected any more. */
  get #isVoiceOnItsWay(): boolean {
    return this.#mode.isSwitching || this.parts.clock.nowMs() - this.#modeToldMs < VOICE_ON_ITS_WAY_MS;
  }

  #newPlayout(): Playout {
    const { clock, config, metrics } = this.parts;
    const { frameMs, pausable } = this.settings;
    const options = { sampleRateHz: VOICE_SAMPLE_RATE_HZ, frameMs, ...config.playout };
    const playout = new Playout(clock, this.#sink, options);
    this.#pause = new SpeechPause(clock, playout, pausable, (outcome) => metrics.playoutPauses.inc({ outcome }));
    if (this.#policy) this.#pause.event(this.#policy);
    return playout;
  }

  /** A session that had no voice out gets one: before anybody is asked to speak. */
  async #listen(): Promise<void> {
    if (this.#playout) return;
    // Of a resumed session all is followed.
    if (!this.resumed) {
      const { sessionId } = this;
      const onFrame = (frame: AudioFrame) => this.frame(frame);
      const onLost = ({ count }: { count: number }) => this.lost(count);
      const options = { sessionId, kinds: [], audio: 'out', onEvent: () => undefined, onFrame, onLost } as const;
      const feed = await this.parts.bus.feed(options);
      if (!this.active) return feed.close();
      this.#voiceFeed = feed;
    }
    this.#playout = this.#newPlayout();
    this.#playout.startBehind(this.#newestReply);
  }

  #onMode(mode: Mode): void {
    this.#supervision.require(stagesOf(mode));
    if (!isHeard(mode)) this.#playout?.showAll();
  }

  /** What a gateway has written: this one, an earlier one, or one that has taken the session over. */
  #gatewayEvent(event: ParleyEvent): void {
    if (event.epoch > this.writer.epoch) {
      this.#log.info({ epoch: this.writer.epoch, newer: event.epoch }, 'the session goes on elsewhere');
      return this.#superseded();
    }
    if (event.epoch === this.writer.epoch) return;
    if (event.type === 'session.text') this.#texts.note(event.messageId);
    else this.#translate(event);
  }

  #superseded(): void {
    void this.letGo('resumed_elsewhere');
    // A caller who has moved is not there any more; another one with the same token must not come back.
    this.caller.sendEvent({ type: 'session_ended', reason: 'resumed_elsewhere' });
    this.caller.close('resumed_elsewhere');
  }

  #translate(event: ParleyEvent): void {
    for (const each of this.#translation.translate(event, this.resumed?.seen.has(event.id))) {
      if (each.type === 'error') this.parts.metrics.callerErrors.inc({ code: each.code });
      this.caller.sendEvent(each);
    }
  }

  #expire(suspendedMs: number): void {
    const { clock, config, metrics } = this.parts;
    if (clock.nowMs() - suspendedMs < config.sessions.resumeWindowMs) return;
    metrics.sessionsExpired.inc();
    void this.end('caller_lost');
  }

  async #move(): Promise<void> {
    await this.#withinPatience(this.#leave('gateway_draining'));
    this.caller.close('session_moved');
  }

  async #letGo(reason: LetGoReason): Promise<void> {
    await this.#leave(reason);
  }

  async #leave(reason: LetGoReason): Promise<void> {
    this.#isLeaving = true;
    this.#playout?.freeze();
    this.#held = undefined;
    this.#feed?.close();
    this.#voiceFeed?.close();
    await this.writer.close();
    this.parts.metrics.sessionsLetGo.inc({ reason });
    this.onEnded(this);
  }

  /** Whatever a stage has closed is closed: nothing more is said on the bus. */
  #endedBy(reason: string): Promise<void> {
    return (this.#ending ??= this.#goodbye(reason, this.#leaveClosed(reason)));
  }

  async #end(reason: EndReason, code: ErrorCode | undefined): Promise<void> {
    this.#playout?.stop();
    if (code) this.tell(code);
    await this.#goodbye(reason, this.#close(reason));
  }

  async #goodbye(reason: string, left: Promise<void>): Promise<void> {
    await this.#withinPatience(left);
    this.caller.sendEvent({ type: 'session_ended', reason });
    this.caller.close(reason);
    await left;
  }

  async #close(reason: EndReason): Promise<void> {
    const closed = this.writer.publish('session.closed', { reason });
    await closed.catch((error: unknown) => this.#countBusFailure('session.closed', error));
    await this.#leaveClosed(reason);
  }

  async #leaveClosed(reason: string): Promise<void> {
    this.#playout?.freeze();
    this.#held = undefined;
    this.#feed?.close();
    this.#voiceFeed?.close();
    await this.writer.close();
    this.parts.metrics.sessionsClosed.inc({ reason });
    this.#log.info({ reason }, 'session ended');
    this.onEnded(this);
  }

  async #withinPatience(done: Promise<void>): Promise<void> {
    let cancel = () => {};
    const patience = new Promise<void>((resolve) => (cancel = this.parts.clock.after(CLOSE_PATIENCE_MS, resolve)));
    await Promise.race([done, patience]);
    cancel();
  }

  #supervise(event: ParleyEvent): void {
    const { type } = event;
    if (type === 'stage.released') this.#supervision.released(event.stage, event.replica);
    else if (type === 'stage.claimed') {
      this.#mode.noteTaken(event.stage);
      const change = this.#supervision.claimed(event.stage, event.replica);
      if (change) this.#tellStage(change);
    } else if (type === 'speech.started' || type === 'reply.started' || type === 'reply.ended') this.#limits.touch();
  }

  #tellStage({ stage, available }: StageChange): void {
    this.#log.warn({ stage, available }, available ? 'a stage is back' : 'a stage is unavailable');
    if (available) return this.caller.sendEvent({ type: 'stage_restored', stage });
    this.parts.metrics.callerErrors.inc({ code: 'stage_unavailable' });
    this.caller.sendEvent(errorEvent('stage_unavailable', { stage }));
  }

  /** @returns the id that the event gets, as ids follow from the order of writing */
  #publish<T extends EventType>(type: T, payload: Payload<T>): string {
    if (type === 'playout.ended') this.#limits.touch();
    this.writer.publish(type, payload).catch((error: unknown) => this.#countBusFailure(type, error));
    return `${kindOf(type)}.gateway.${this.writer.epoch}.${++this.#playoutEvents}`;
  }

  #countBusFailure(kind: EventType, error: unknown): void {
    this.parts.metrics.busFailures.inc({ kind });
    this.#log.limited('bus.publish', 'error', { err: error, type: kind }, 'an event did not get to the bus');
  }
}
