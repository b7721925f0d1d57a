import type { CallerMessage, EdgeAck, EdgeEvent, ResumeRequest, SessionRequest } from '@parley/contracts';
import { ParleyClientError, refusal } from './client-error.js';
import type { AgentAudio } from './client-events.js';
import type { Clock } from './clock.js';
import { frameSamples } from './pcm.js';
import { backlogBytes, loseSocket, type PlayoutReport, type VoiceSocket } from './voice-socket.js';

/** What a connection tells of itself, from the event that opens the session on. */
export interface ConnectionListener {
  /** First `session_started` or `session_resumed`, then the others in order. */
  event(event: EdgeEvent): void;
  audio(audio: AgentAudio): void;
  /** Something came that is not the contract. */
  malformed(): void;
  /** The connection is gone, after it had been opened. Told once, and nothing after. */
  lost(error: ParleyClientError): void;
}

interface Opening {
  isAcked: boolean;
  resolve(): void;
  reject(error: ParleyClientError): void;
}

/** One connection to one gateway, from its opening to its loss. */
export class GatewayConnection {
  #opening: Opening | undefined;
  #isTold = false;
  #isOver = false;
  #lastError: Extract<EdgeEvent, { type: 'error' }> | undefined;

  constructor(
    private readonly socket: VoiceSocket,
    private readonly clock: Clock,
    private readonly listener: ConnectionListener,
  ) {
    socket.on('event', (event) => this.#onEvent(event));
    socket.on('audio', (info, binary) => {
      if (!this.#isTold) return;
      const pcm = frameSamples(binary);
      if (!pcm || typeof info?.reply !== 'number') listener.malformed();
      else listener.audio({ info, pcm });
    });
    socket.on('connect_error', (cause: Error & { data?: { code?: unknown } }) => {
      const code = typeof cause.data?.code === 'string' ? cause.data.code : 'cannot_connect';
      this.#fail(new ParleyClientError(code, `the gateway cannot be reached: ${cause.message}`, { cause }));
    });
    socket.on('disconnect', (reason) => {
      const told = this.#lastError;
      this.#fail(
        told && !told.retryable && !this.#isTold
          ? new ParleyClientError(told.code, told.message)
          : new ParleyClientError('connection_lost', `the connection to the gateway broke: ${reason}`),
      );
    });
  }

  /** Bytes that wait because the network does not take them. */
  get backlogBytes(): number {
    return backlogBytes(this.socket);
  }

  /**
   * Connects and opens or resumes a session.
   * @param timeoutMs for the whole of it, or until the gateway is reached when there is an answer time
   * @param answerMs for the gateway's answer once it is reached: it may have many to take over
   * @throws {ParleyClientError} `cannot_connect`, `connect_timeout`, `connection_lost`, `protocol`, or the gateway's code
   */
  async open(request: SessionRequest | ResumeRequest, timeoutMs: number, answerMs?: number): Promise<void> {
    const failAfter = (ms: number) =>
      this.clock.after(ms, () =>
        this.#fail(new ParleyClientError('connect_timeout', 'the gateway did not accept the session in time')),
      );
    let cancel = failAfter(timeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening = { isAcked: false, resolve, reject };
        this.socket.once('connect', () => {
          if (answerMs !== undefined) {
            cancel();
            cancel = failAfter(answerMs);
          }
          this.socket.emit('session:start', request, (ack) => this.#onAck(ack));
        });
        this.socket.connect();
      });
    } finally {
      cancel();
    }
  }

  /** Sends a message; the answer comes only if the connection holds. */
  message(message: CallerMessage, onAck: (ack: EdgeAck | undefined) => void): void {
    this.socket.emit('message', message, onAck);
  }

  /** Sends a frame of the caller's voice. */
  audio(pcm: Uint8Array): void {
    this.socket.emit('audio', pcm);
  }

  reportPlayout(report: PlayoutReport): void {
    this.socket.emit('message', { type: 'played', ...report }, () => {});
  }

  /** Says goodbye: the gateway ends the session. Nothing is told any more. */
  disconnect(): void {
    this.#isOver = true;
    this.socket.disconnect();
  }

  /** Goes without a goodbye: the session waits for its caller. Nothing is told any more. */
  lose(): void {
    this.#isOver = true;
    loseSocket(this.socket);
  }

  #onAck(ack: EdgeAck): void {
    if (!ack?.ok) this.#fail(refusal(ack));
    else if (this.#opening) {
      this.#opening.isAcked = true;
      this.#openIfComplete();
    }
  }

  #openIfComplete(): void {
    if (!this.#opening?.isAcked || !this.#isTold) return;
    this.#opening.resolve();
    this.#opening = undefined;
  }

  #onEvent(event: EdgeEvent): void {
    if (this.#isOver) return;
    if (typeof event?.type !== 'string') return this.listener.malformed();
    if (event.type === 'error') this.#lastError = event;
    if (!this.#isTold && event.type === 'session_ended') return this.#fail(endedEarly(event.reason, this.#lastError));
    if (event.type === 'session_started' || event.type === 'session_resumed') this.#isTold = true;
    if (!this.#isTold) return;
    this.listener.event(event);
    this.#openIfComplete();
  }

  #fail(error: ParleyClientError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const opening = this.#opening;
    this.#opening = undefined;
    if (!this.#isTold) return opening?.reject(error);
    opening?.resolve();
    this.listener.lost(error);
  }
}

function endedEarly(reason: string, told: Extract<EdgeEvent, { type: 'error' }> | undefined): ParleyClientError {
  if (told) return new ParleyClientError(told.code, told.message);
  return new ParleyClientError('connection_lost', `the gateway ended the session as it opened: ${reason}`);
}
