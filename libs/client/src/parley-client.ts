import type { CallerMessage, EdgeEvent, SessionRequest } from '@parley/contracts';
import { CallerVoice } from './caller-voice.js';
import type { ClientCounters } from './client-counters.js';
import { ParleyClientError } from './client-error.js';
import { EventHub, type ClientEventName, type ClientEvents } from './client-events.js';
import type { ClientParts } from './client-parts.js';
import type { ClientState } from './client-state.js';
import { sendConfirmed, type SendMessage } from './confirmed-message.js';
import { LastingConnection } from './lasting-connection.js';
import { frameBytes } from './pcm.js';
import { PendingTexts } from './pending-texts.js';
import type { PlayoutReport } from './voice-socket.js';

/** What was told when the session opened. */
export type SessionStarted = Extract<EdgeEvent, { type: 'session_started' }>;

/** What a caller may say beside its voice, its texts and its goodbye. */
export type ControlMessage = Exclude<CallerMessage, { type: 'text' | 'end' }>;

const MAX_HELD = 4096;
const MAX_PENDING_TEXTS = 64;

/** One session with whichever gateway has it. Made by `connectParley`; it serves one session and is then closed for good. */
export class ParleyClient {
  readonly #parts: ClientParts;
  readonly #hub = new EventHub(MAX_HELD);
  readonly #counters = { droppedFrames: 0, malformedMessages: 0, resumes: 0 };
  readonly #voice: CallerVoice;
  readonly #texts: PendingTexts;
  readonly #connection: LastingConnection;
  #state: ClientState = { name: 'connecting' };
  #isHangingUp = false;
  #session: SessionStarted | undefined;

  /** @internal */
  constructor(parts: ClientParts) {
    this.#parts = parts;
    const { clock, limits, random } = parts;
    this.#voice = new CallerVoice(clock, limits.bufferedSamples, limits.maxBacklogBytes);
    const idPrefix = Math.floor(random() * 0xffff_ffff).toString(36);
    this.#texts = new PendingTexts(clock, idPrefix, limits.ackTimeoutMs, MAX_PENDING_TEXTS);
    this.#connection = new LastingConnection(parts, {
      state: () => this.#state.name,
      voice: () => this.#voice,
      event: (event) => this.#onEvent(event),
      audio: (audio) => this.#tell('audio', audio),
      malformed: () => this.#counters.malformedMessages++,
      cut: () => this.#onCut(),
      resuming: () => this.#become({ name: 'resuming', sessionId: this.sessionId }),
      resumed: (receivedSamples) => this.#onResumed(receivedSamples),
      failed: (error) => this.#fail(error),
    });
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
    return { ...this.#counters, ...this.#connection.duplicates, lostVoiceSamples: this.#voice.lostSamples };
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
    await this.#texts.add(text, this.#state.name === 'open' ? this.#send : undefined);
  }

  /**
   * Says something beside voice and text: another mode, that the turn is over, keys that were pressed, or where the
   * speaker stands. Resolves when the gateway has taken it. It is said once, and lost with a connection that is lost.
   * @throws {ParleyClientError} `not_open`, `ack_timeout`, or the gateway's code
   */
  async send(message: ControlMessage): Promise<void> {
    if (this.#state.name !== 'open') throw new ParleyClientError('not_open', `the session is ${this.#state.name}`);
    await sendConfirmed(message, this.#send, this.#parts.clock, this.#parts.limits.ackTimeoutMs);
  }

  /**
   * Tells where the client's own speaker was held at `audio_pause`, so that history has exactly what was heard. Dropped
   * unless open.
   */
  reportPlayout(report: PlayoutReport): void {
    if (this.#state.name === 'open') this.#connection.reportPlayout(report);
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
      this.#sayGoodbye();
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
    try {
      await this.#connection.open(request);
    } catch (error) {
      this.#fail(error as ParleyClientError);
      throw error;
    }
    if (this.#state.name === 'closed') throw this.#state.error ?? new ParleyClientError('not_open', 'closed while connecting'); // prettier-ignore
    this.#become({ name: 'open', sessionId: this.sessionId });
    this.#connected(0);
    setTimeout(() => this.#hub.release(), 0);
  }

  readonly #send: SendMessage = (message, onAck) => this.#connection.message(message, onAck);

  get #isLive(): boolean {
    return this.#state.name === 'open' || this.#state.name === 'resuming';
  }

  #sayGoodbye(): void {
    this.#connection.message({ type: 'end' }, () => {});
  }

  #connected(fromSample: number): void {
    this.#voice.connect(this.#connection, fromSample);
    this.#texts.sendAll(this.#send);
  }

  #onCut(): void {
    this.#voice.disconnect();
    this.#texts.pause();
  }

  #onEvent(event: EdgeEvent): void {
    if (event.type === 'session_started') this.#session = event;
    this.#tell('event', event);
    // `event`, `audio` and `state` are the client's own names: a type the gateway may call so must not reach them.
    if (!OWN_NAMES.has(event.type)) this.#tell(event.type, event);
    if (event.type === 'session_ended') this.#finish({ name: 'closed', reason: event.reason });
  }

  #onResumed(receivedSamples: number): void {
    if (this.#state.name === 'resuming') this.#become({ name: 'open', sessionId: this.sessionId });
    if (this.#state.name === 'ending') return this.#sayGoodbye();
    this.#counters.resumes++;
    this.#connected(receivedSamples);
    if (this.#isHangingUp) this.#sayGoodbye();
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
    this.#voice.disconnect();
    this.#texts.rejectAll(closed.error ?? new ParleyClientError('connection_lost', `the client is closed: ${closed.reason}`)); // prettier-ignore
    this.#connection.close();
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
