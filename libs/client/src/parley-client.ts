import type { CallerMessage, EdgeEvent, ResumeRequest, SessionRequest } from '@parley/contracts';
import { SeenEvents } from '@parley/contracts';
import { CallerVoice } from './caller-voice.js';
import { ParleyClientError, refusal } from './client-error.js';
import { EventHub, type AgentAudio, type ClientEventName, type ClientEvents } from './client-events.js';
import type { ClientState } from './client-state.js';
import type { Clock } from './clock.js';
import { GatewayConnection } from './gateway-connection.js';
import { frameBytes } from './pcm.js';
import { PendingTexts, type SendText } from './pending-texts.js';
import { resumeDelayMs } from './resume-delay.js';
import { VoiceOrder } from './voice-order.js';
import type { PlayoutReport, VoiceSocket } from './voice-socket.js';

/** What was told when the session opened. */
export type SessionStarted = Extract<EdgeEvent, { type: 'session_started' }>;

/** What a caller may say beside its voice, its texts and its goodbye. */
export type ControlMessage = Exclude<CallerMessage, { type: 'text' | 'end' }>;

/** What a client has refused, dropped or passed over since it was made. */
export interface ClientCounters {
  /** Caller's frames dropped: the network did not take them, or the session was not open. */
  droppedFrames: number;
  /** Samples of the caller's voice that were lost because a connection was away for longer than is buffered. */
  lostVoiceSamples: number;
  /** Messages of the gateway that were not the contract. */
  malformedMessages: number;
  /** Times the session went on over a new connection. */
  resumes: number;
  /** Events passed over because they had been told before. */
  duplicateEvents: number;
  /** Samples of the agent's voice passed over because they had been told before. */
  duplicateSamples: number;
}

/** Limits of one client. */
export interface ClientLimits {
  connectTimeoutMs: number;
  ackTimeoutMs: number;
  maxBacklogBytes: number;
  /** Longest time a lost connection is replaced in; 0 for not at all. */
  resumeWindowMs: number;
  /** Caller's voice that is kept to be sent again. */
  bufferedSamples: number;
}

/** What a client is made of. */
export interface ClientParts {
  /** The gateways, tried in turn. */
  urls: readonly string[];
  /** The application's speaker can be held. */
  pausable: boolean;
  /** A socket to one of them, not connected yet. */
  socket(url: string): VoiceSocket;
  limits: ClientLimits;
  clock: Clock;
  /** From 0 to 1. */
  random(): number;
}

const MAX_HELD = 4096;
const MAX_PENDING_TEXTS = 64;
/** A gateway that is not reached within this time is given up for the next. */
const RESUME_ATTEMPT_MS = 3000;
/** Of a gateway that was reached, which may have hundreds of callers to take over at once. */
const RESUME_ANSWER_MS = 8000;

/** How often each gateway is asked to take a session over that is asked to move. */
const MOVE_ROUNDS = 3;

/** One session with whichever gateway has it. Made by `connectParley`; it serves one session and is then closed for good. */
export class ParleyClient {
  readonly #parts: ClientParts;
  readonly #hub = new EventHub(MAX_HELD);
  readonly #counters = { droppedFrames: 0, malformedMessages: 0, resumes: 0, duplicateEvents: 0, duplicateSamples: 0 };
  readonly #seen = new SeenEvents();
  readonly #order = new VoiceOrder();
  readonly #voice: CallerVoice;
  readonly #texts: PendingTexts;
  #state: ClientState = { name: 'connecting' };
  #connection: GatewayConnection | undefined;
  /** The connection that is to take the place of one that still serves. */
  #next: GatewayConnection | undefined;
  #isMoving = false;
  /** When an attempt at another gateway was last given up. */
  #abandonedMs = -Infinity;
  #isHangingUp = false;
  /** How the connection was lost while the session was moving. */
  #lostMoving: ParleyClientError | undefined;
  /** Replies whose voice was told to be over. */
  readonly #endedReplies = new Set<number>();
  #urlIndex = 0;
  #session: SessionStarted | undefined;
  #resumeToken: string | undefined;
  #resumeWindowMs = 0;
  #wake: () => void = () => {};

  /** @internal */
  constructor(parts: ClientParts) {
    this.#parts = parts;
    const { clock, limits, random } = parts;
    this.#voice = new CallerVoice(clock, limits.bufferedSamples, limits.maxBacklogBytes);
    const idPrefix = Math.floor(random() * 0xffff_ffff).toString(36);
    this.#texts = new PendingTexts(clock, idPrefix, limits.ackTimeoutMs, MAX_PENDING_TEXTS);
  }

  /** The id of the session; the same in the gateway's log and traces. */
  get sessionId(): string {
    return this.session.sessionId;
  }

  /** What was told when the session opened; `sampleRateHz` and `frameMs` are those of the agent's voice. */
  get session(): SessionStarted {
    if (!this.#session) throw new ParleyClientError('not_open', 'the session has not been accepted yet');
    return this.#session;
  }

  get state(): ClientState {
    return this.#state;
  }

  get counters(): Readonly<ClientCounters> {
    return { ...this.#counters, lostVoiceSamples: this.#voice.lostSamples };
  }

  /**
   * Registers a handler. Those registered before the first macrotask after `connectParley` resolved miss nothing,
   * `session_started` included. An event is told once and the voice in order, however often the session is resumed.
   * @returns a function that takes the handler off again
   */
  on<T extends ClientEventName>(name: T, handler: (value: ClientEvents[T]) => void): () => void {
    return this.#hub.on(name, handler);
  }

  /**
   * Sends a frame of the caller's voice: PCM16 16 kHz mono, 10 to 200 ms, as samples or little-endian bytes. Copies
   * it, never blocks. Pace it as a microphone would. While the session is being resumed the frame is kept and sent
   * after; beyond the buffer's length the oldest are lost and counted.
   * @returns false when the frame was dropped and counted, because the network does not keep up or the session is
   *   over
   * @throws {ParleyClientError} `audio_odd_length`, `frame_too_large`
   */
  sendAudio(frame: Int16Array | Uint8Array): boolean {
    const bytes = frameBytes(frame);
    if (this.#isLive && this.#voice.push(bytes)) return true;
    this.#counters.droppedFrames++;
    return false;
  }

  /**
   * Writes to the agent, in any mode; resolves when it is stored. It is stored once, also when the connection is lost
   * and it has to be sent again; while there is none it waits.
   * @throws {ParleyClientError} `not_open`, `ack_timeout`, `too_many_texts`, the gateway's code, or why the client closed
   */
  async sendText(text: string): Promise<void> {
    if (!this.#isLive) throw new ParleyClientError('not_open', `the session is ${this.#state.name}`);
    await this.#texts.add(text, this.#state.name === 'open' ? this.#sendText : undefined);
  }

  /**
   * Says something beside voice and text: another mode, that the turn is over, keys that were pressed, or where the
   * speaker stands. Resolves when the gateway has taken it. It is said once, and lost with a connection that is lost.
   * @throws {ParleyClientError} `not_open`, `ack_timeout`, or the gateway's code
   */
  async send(message: ControlMessage): Promise<void> {
    const connection = this.#connection;
    if (this.#state.name !== 'open' || !connection)
      throw new ParleyClientError('not_open', `the session is ${this.#state.name}`);
    await new Promise<void>((resolve, reject) => {
      const { clock, limits } = this.#parts;
      const late = new ParleyClientError('ack_timeout', `the gateway did not confirm ${message.type}`);
      const cancel = clock.after(limits.ackTimeoutMs, () => reject(late));
      connection.message(message, (ack) => {
        cancel();
        if (ack?.ok) resolve();
        else reject(refusal(ack));
      });
    });
  }

  /**
   * Tells where the client's own speaker was held at `audio_pause`, so that history has exactly what was heard. Dropped
   * unless open.
   */
  reportPlayout(report: PlayoutReport): void {
    if (this.#state.name === 'open') this.#connection?.reportPlayout(report);
  }

  /**
   * Hangs up and waits for the gateway to close the session, then closes; at most `ackTimeoutMs`. While the session is
   * being resumed it hangs up as soon as it has been; if that takes longer, the session ends when its resume window is
   * over. May be called twice.
   */
  async end(): Promise<void> {
    this.#hub.release();
    if (this.#state.name === 'open') {
      this.#become({ name: 'ending', sessionId: this.sessionId });
      this.#connection?.message({ type: 'end' }, () => {});
    }
    this.#isHangingUp = this.#state.name === 'resuming';
    if (this.#state.name === 'ending' || this.#isHangingUp) await this.#closedWithin(this.#parts.limits.ackTimeoutMs);
    this.close();
  }

  /** Drops the connection at once; the gateway decides what becomes of the session. May be called twice. */
  close(): void {
    this.#finish({ name: 'closed', reason: 'closed_by_client' });
  }

  /**
   * Opens the session at the first gateway that takes it.
   * @internal
   * @throws {ParleyClientError} `cannot_connect`, `connect_timeout`, `connection_lost`, `protocol`, or the gateway's code
   */
  async open(request: SessionRequest): Promise<void> {
    const { urls, limits } = this.#parts;
    for (;;) {
      try {
        this.#connection = this.#newConnection();
        await this.#connection.open(request, limits.connectTimeoutMs / urls.length);
        break;
      } catch (cause) {
        const error = cause as ParleyClientError;
        this.#connection?.disconnect();
        if (error.retryable && ++this.#urlIndex < urls.length) continue;
        this.#fail(error);
        throw error;
      }
    }
    if (this.#state.name === 'closed') throw this.#state.error ?? new ParleyClientError('not_open', 'closed while connecting'); // prettier-ignore
    this.#become({ name: 'open', sessionId: this.sessionId });
    this.#connected(0);
    setTimeout(() => this.#hub.release(), 0);
  }

  readonly #sendText: SendText = (message, onAck) => this.#connection?.message(message, onAck);

  get #isLive(): boolean {
    return this.#state.name === 'open' || this.#state.name === 'resuming';
  }

  #newConnection(): GatewayConnection {
    const { urls, clock, socket } = this.#parts;
    const url = urls[this.#urlIndex % urls.length] as string;
    const connection: GatewayConnection = new GatewayConnection(socket(url), clock, {
      event: (event) => this.#onEvent(event, connection),
      audio: (audio) => this.#onAudio(audio),
      malformed: () => this.#counters.malformedMessages++,
      lost: (error) => this.#onLost(error, connection),
    });
    return connection;
  }

  #connected(fromSample: number): void {
    const connection = this.#connection as GatewayConnection;
    this.#voice.connect(connection, fromSample);
    this.#texts.sendAll(this.#sendText);
  }

  #onLost(error: ParleyClientError, connection: GatewayConnection): void {
    // One that came to nothing is followed by another, or given up for the old one.
    if (connection !== this.#connection) return;
    if (this.#isMoving) {
      this.#lostMoving = error;
      this.#voice.disconnect();
      this.#texts.pause();
      return;
    }
    const canResume = this.#resumeToken !== undefined && this.#resumeWindowMs > 0;
    if (this.#state.name !== 'open' || !canResume || (!error.retryable && error.code !== 'connection_lost'))
      return this.#fail(error);
    void this.#resume();
  }

  async #resume(): Promise<void> {
    const { clock, limits, random } = this.#parts;
    const untilMs = clock.nowMs() + this.#resumeWindowMs;
    this.#voice.disconnect();
    this.#texts.pause();
    this.#connection?.lose();
    this.#become({ name: 'resuming', sessionId: this.sessionId });
    let last: ParleyClientError | undefined;
    for (let attempt = 0; ; attempt++) {
      await this.#pause(resumeDelayMs(attempt, random()));
      if (this.#state.name !== 'resuming') return;
      const leftMs = untilMs - clock.nowMs();
      if (leftMs <= 0) return this.#fail(expired(last));
      this.#urlIndex++;
      const connection = (this.#connection = this.#newConnection());
      try {
        const connectMs = Math.min(limits.connectTimeoutMs, RESUME_ATTEMPT_MS, leftMs);
        await connection.open(this.#resumption(), connectMs, Math.min(RESUME_ANSWER_MS, leftMs));
        return;
      } catch (cause) {
        this.#abandon(connection);
        last = cause as ParleyClientError;
        if (!last.retryable) return this.#fail(last);
      }
    }
  }

  /** Goes to another gateway while this one still serves; when none takes the session, it stays until it is cut off. */
  async #move(): Promise<void> {
    const { urls, random } = this.#parts;
    if (this.#isMoving || this.#state.name !== 'open' || this.#resumeToken === undefined) return;
    this.#isMoving = true;
    for (let attempt = 0; attempt < MOVE_ROUNDS * urls.length; attempt++) {
      await this.#pause(resumeDelayMs(attempt, random()));
      if (this.#state.name !== 'open' || this.#lostMoving) break;
      this.#urlIndex++;
      const connection = (this.#next = this.#newConnection());
      try {
        await connection.open({ ...this.#resumption(), moving: true }, RESUME_ATTEMPT_MS, RESUME_ANSWER_MS);
        break;
      } catch {
        this.#abandon(connection);
      }
    }
    this.#next = undefined;
    this.#isMoving = false;
    const lost = this.#lostMoving;
    this.#lostMoving = undefined;
    if (lost && this.#connection) this.#onLost(lost, this.#connection);
  }

  /** A gateway that answers too late may take the session all the same, from the one that has it by then. */
  #abandon(connection: GatewayConnection): void {
    connection.lose();
    this.#abandonedMs = this.#parts.clock.nowMs();
  }

  /** Whether it was an attempt of this client's own that has taken the session from the gateway it is at. */
  #isTakenByItself(event: EdgeEvent): boolean {
    if (event.type !== 'session_ended' || event.reason !== 'resumed_elsewhere' || this.#state.name !== 'open')
      return false;
    const isOwn = this.#parts.clock.nowMs() - this.#abandonedMs < this.#resumeWindowMs;
    this.#abandonedMs = -Infinity;
    return isOwn;
  }

  #resumption(): ResumeRequest {
    const { sent, kept } = this.#voice;
    const seen = this.#seen.encode();
    const { pausable } = this.#parts;
    const held = pausable ? { pausable } : {};
    return { resume: this.#resumeToken as string, seen, received: this.#order.received, sent, kept, ...held };
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #onEvent(event: EdgeEvent, connection: GatewayConnection): void {
    // The gateway that was left says goodbye while the new one is still at its greeting.
    if (event.type === 'session_ended' && event.reason === 'resumed_elsewhere' && this.#isMoving) return;
    if (connection === this.#connection && this.#isTakenByItself(event)) return void this.#resume();
    // Both gateways of a session that moves may see a reply's voice end.
    const isToldAlready = event.type === 'playout_ended' && this.#endedReplies.has(event.reply);
    if (event.type === 'playout_ended') this.#endedReplies.add(event.reply);
    if (('id' in event && typeof event.id === 'string' && !this.#seen.add(event.id)) || isToldAlready) {
      this.#counters.duplicateEvents++;
      return;
    }
    if (event.type === 'session_started') {
      this.#session = event;
      this.#learn(event);
    } else if (event.type === 'session_resumed') this.#learn(event);
    this.#tell('event', event);
    // `event`, `audio` and `state` are the client's own names: a type the gateway may call so must not reach them.
    if (!OWN_NAMES.has(event.type)) this.#tell(event.type, event);
    if (event.type === 'session_resumed') this.#onResumed(event.receivedSamples, connection);
    else if (event.type === 'session_moved') void this.#move();
    else if (event.type === 'session_ended') this.#finish({ name: 'closed', reason: event.reason });
  }

  #onResumed(receivedSamples: number, connection: GatewayConnection): void {
    if (this.#state.name === 'resuming') this.#become({ name: 'open', sessionId: this.sessionId });
    else if (connection !== this.#next) return;
    else this.#replaceConnection(connection);
    if (this.#state.name === 'ending') return connection.message({ type: 'end' }, () => {});
    this.#counters.resumes++;
    this.#connected(receivedSamples);
    if (this.#isHangingUp) connection.message({ type: 'end' }, () => {});
  }

  #replaceConnection(connection: GatewayConnection): void {
    this.#voice.disconnect();
    this.#texts.pause();
    this.#connection?.lose();
    this.#connection = connection;
    this.#next = undefined;
    this.#lostMoving = undefined;
  }

  #learn({ resumeToken, resumeWindowMs = 0 }: { resumeToken?: string; resumeWindowMs?: number }): void {
    this.#resumeToken = resumeToken;
    this.#resumeWindowMs = Math.min(resumeWindowMs, this.#parts.limits.resumeWindowMs);
  }

  #onAudio(audio: AgentAudio): void {
    const fresh = this.#order.admit(audio);
    this.#counters.duplicateSamples += audio.pcm.length - (fresh?.pcm.length ?? 0);
    if (fresh) this.#tell('audio', fresh);
  }

  #closedWithin(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        cancel();
        off();
        resolve();
      };
      const off = this.on('state', (state) => state.name === 'closed' && settle());
      const cancel = this.#parts.clock.after(timeoutMs, settle);
    });
  }

  #fail(error: ParleyClientError): void {
    this.#finish({ name: 'closed', reason: error.code, error });
  }

  #finish(closed: Extract<ClientState, { name: 'closed' }>): void {
    if (this.#state.name === 'closed') return;
    this.#become(closed);
    this.#wake();
    this.#voice.disconnect();
    this.#texts.rejectAll(closed.error ?? new ParleyClientError('connection_lost', `the client is closed: ${closed.reason}`)); // prettier-ignore
    this.#next?.lose();
    this.#connection?.disconnect();
  }

  #become(state: ClientState): void {
    this.#state = state;
    this.#tell('state', state);
  }

  #tell(name: string, value: unknown): void {
    if (this.#hub.emit(name, value)) return;
    this.#fail(new ParleyClientError('protocol', 'the gateway sent more before the session opened than can be kept'));
  }
}

const OWN_NAMES: ReadonlySet<string> = new Set(['event', 'audio', 'state']);

function expired(cause: ParleyClientError | undefined): ParleyClientError {
  const why = cause ? `: ${cause.message}` : '';
  return new ParleyClientError('resume_expired', `no gateway took the session over in time${why}`, { cause });
}
