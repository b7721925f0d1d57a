import type { CallerMessage, EdgeAck, EdgeEvent, ResumeRequest, SessionRequest } from '@parley/contracts';
import { ParleyClientError } from './client-error.js';
import type { AgentAudio } from './client-events.js';
import type { ClientParts } from './client-parts.js';
import type { ClientState } from './client-state.js';
import { GatewayConnection } from './gateway-connection.js';
import { Pause } from './pause.js';
import { resumeDelayMs } from './resume-delay.js';
import { ResumeRight } from './resume-right.js';
import { ToldOnce } from './told-once.js';
import type { PlayoutReport } from './voice-socket.js';

/** Whose connection it is, and what it is told. */
export interface SessionHolder {
  state(): ClientState['name'];
  /** How much of the caller's voice there was, and from where it can be sent again, in samples. */
  voice(): { sent: number; kept: number };
  /** An event that was not told before, in order. */
  event(event: EdgeEvent): void;
  /** The agent's voice that was not told before, in order. */
  audio(audio: AgentAudio): void;
  /** Something came that is not the contract. */
  malformed(): void;
  /** Nothing more can be sent, until it is resumed. */
  cut(): void;
  /** Another gateway is sought, after it was cut. */
  resuming(): void;
  /** A gateway has the session again, and has got this much of the caller's voice. */
  resumed(receivedSamples: number): void;
  /** The connection is gone for good. */
  failed(error: ParleyClientError): void;
}

/** A gateway that is not reached within this time is given up for the next. */
const RESUME_ATTEMPT_MS = 3000;
/** Of a gateway that was reached, which may have hundreds of callers to take over at once. */
const RESUME_ANSWER_MS = 8000;

/** How often each gateway is asked to take a session over that is asked to move. */
const MOVE_ROUNDS = 3;

/** One session over one connection after the other: a lost one is replaced, and one whose gateway asks to leave it. */
export class LastingConnection {
  readonly #told = new ToldOnce();
  readonly #pause: Pause;
  readonly #right: ResumeRight;
  #connection: GatewayConnection | undefined;
  /** The connection that is to take the place of one that still serves. */
  #next: GatewayConnection | undefined;
  #isMoving = false;
  /** How the connection was lost while the session was moving. */
  #lostMoving: ParleyClientError | undefined;
  #urlIndex = 0;

  constructor(
    private readonly parts: ClientParts,
    private readonly holder: SessionHolder,
  ) {
    this.#pause = new Pause(parts.clock);
    this.#right = new ResumeRight(parts.clock, parts.limits.resumeWindowMs);
  }

  /** What was passed over because it had been told before. */
  get duplicates(): ToldOnce['counters'] {
    return this.#told.counters;
  }

  /** Bytes that wait because the network does not take them. */
  get backlogBytes(): number {
    return this.#connection?.backlogBytes ?? Infinity;
  }

  /**
   * Opens the session at the first gateway that takes it.
   * @throws {ParleyClientError} `cannot_connect`, `connect_timeout`, `connection_lost`, `protocol`, or the gateway's code
   */
  async open(request: SessionRequest): Promise<void> {
    const { urls, limits } = this.parts;
    for (;;) {
      try {
        this.#connection = this.#newConnection();
        return await this.#connection.open(request, limits.connectTimeoutMs / urls.length);
      } catch (error) {
        this.#connection?.disconnect();
        if (!(error as ParleyClientError).retryable || ++this.#urlIndex >= urls.length) throw error;
      }
    }
  }

  /** Sends a message; the answer comes only if the connection holds. */
  message(message: CallerMessage, onAck: (ack: EdgeAck | undefined) => void): void {
    this.#connection?.message(message, onAck);
  }

  /** Sends a frame of the caller's voice. */
  audio(pcm: Uint8Array): void {
    this.#connection?.audio(pcm);
  }

  /** Tells where the client's own speaker stands. */
  reportPlayout(report: PlayoutReport): void {
    this.#connection?.reportPlayout(report);
  }

  /** Says goodbye, and seeks no gateway any more. */
  close(): void {
    this.#pause.wake();
    this.#next?.lose();
    this.#connection?.disconnect();
  }

  #newConnection(): GatewayConnection {
    const { urls, clock, socket } = this.parts;
    const url = urls[this.#urlIndex % urls.length] as string;
    const connection: GatewayConnection = new GatewayConnection(socket(url), clock, {
      event: (event) => this.#onEvent(event, connection),
      audio: (audio) => this.#onAudio(audio),
      malformed: () => this.holder.malformed(),
      lost: (error) => this.#onLost(error, connection),
    });
    return connection;
  }

  #onEvent(event: EdgeEvent, connection: GatewayConnection): void {
    // The gateway that was left says goodbye while the new one is still at its greeting.
    if (event.type === 'session_ended' && event.reason === 'resumed_elsewhere' && this.#isMoving) return;
    if (connection === this.#connection && this.#isTakenByItself(event)) return void this.#resume();
    if (!this.#told.isNew(event)) return;
    if (event.type === 'session_started' || event.type === 'session_resumed') this.#right.learn(event);
    this.holder.event(event);
    if (event.type === 'session_resumed') this.#onResumed(event.receivedSamples, connection);
    else if (event.type === 'session_moved') void this.#move();
  }

  #onAudio(audio: AgentAudio): void {
    const fresh = this.#told.admit(audio);
    if (fresh) this.holder.audio(fresh);
  }

  #onLost(error: ParleyClientError, connection: GatewayConnection): void {
    // One that came to nothing is followed by another, or given up for the old one.
    if (connection !== this.#connection) return;
    if (this.#isMoving) {
      this.#lostMoving = error;
      return this.holder.cut();
    }
    const canResume = this.#right.token !== undefined && this.#right.windowMs > 0;
    if (this.holder.state() !== 'open' || !canResume || (!error.retryable && error.code !== 'connection_lost'))
      return this.holder.failed(error);
    void this.#resume();
  }

  async #resume(): Promise<void> {
    const { clock, limits, random } = this.parts;
    const untilMs = clock.nowMs() + this.#right.windowMs;
    this.holder.cut();
    this.#connection?.lose();
    this.holder.resuming();
    let last: ParleyClientError | undefined;
    for (let attempt = 0; ; attempt++) {
      await this.#pause.wait(resumeDelayMs(attempt, random()));
      if (this.holder.state() !== 'resuming') return;
      const leftMs = untilMs - clock.nowMs();
      if (leftMs <= 0) return this.holder.failed(expired(last));
      this.#urlIndex++;
      const connection = (this.#connection = this.#newConnection());
      try {
        const connectMs = Math.min(limits.connectTimeoutMs, RESUME_ATTEMPT_MS, leftMs);
        await connection.open(this.#resumption(), connectMs, Math.min(RESUME_ANSWER_MS, leftMs));
        return;
      } catch (cause) {
        this.#abandon(connection);
        last = cause as ParleyClientError;
        if (!last.retryable) return this.holder.failed(last);
      }
    }
  }

  /** Goes to another gateway while this one still serves; when none takes the session, it stays until it is cut off. */
  async #move(): Promise<void> {
    const { urls, random } = this.parts;
    if (this.#isMoving || this.holder.state() !== 'open' || this.#right.token === undefined) return;
    this.#isMoving = true;
    for (let attempt = 0; attempt < MOVE_ROUNDS * urls.length; attempt++) {
      await this.#pause.wait(resumeDelayMs(attempt, random()));
      if (this.holder.state() !== 'open' || this.#lostMoving) break;
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

  #abandon(connection: GatewayConnection): void {
    connection.lose();
    this.#right.abandonAttempt();
  }

  /** Whether the event says that an attempt of this client's own has taken the session from the gateway it is at. */
  #isTakenByItself(event: EdgeEvent): boolean {
    const isTaken = event.type === 'session_ended' && event.reason === 'resumed_elsewhere';
    return isTaken && this.holder.state() === 'open' && this.#right.isTakenByItself();
  }

  #resumption(): ResumeRequest {
    const { pausable } = this.parts;
    const held = pausable ? { pausable } : {};
    const { sent, kept } = this.holder.voice();
    return { resume: this.#right.token as string, ...this.#told.known, sent, kept, ...held };
  }

  #onResumed(receivedSamples: number, connection: GatewayConnection): void {
    if (this.holder.state() !== 'resuming') {
      if (connection !== this.#next) return;
      this.#replaceConnection(connection);
    }
    this.holder.resumed(receivedSamples);
  }

  #replaceConnection(connection: GatewayConnection): void {
    this.holder.cut();
    this.#connection?.lose();
    this.#connection = connection;
    this.#next = undefined;
    this.#lostMoving = undefined;
  }
}

function expired(cause: ParleyClientError | undefined): ParleyClientError {
  const why = cause ? `: ${cause.message}` : '';
  return new ParleyClientError('resume_expired', `no gateway took the session over in time${why}`, { cause });
}
