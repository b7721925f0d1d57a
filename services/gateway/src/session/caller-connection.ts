import { MAX_CALLER_FRAME_BYTES, type CallerMessage, type EdgeAck, type ErrorCode } from '@parley/contracts';
import type { CallSession } from './call-session.js';
import { checkCallerMessage, parseCallerMessage } from './caller-message.js';
import type { Caller } from './caller.js';
import { EarlyInput } from './early-input.js';
import { EdgeError, edgeErrorOf, errorEvent } from './edge-error.js';
import { ErrorLimit } from './error-limit.js';
import type { GatewayParts } from './gateway-parts.js';
import type { SessionRegistry } from './session-registry.js';

/**
 * One connection at a door, from its first byte to its last: at most one session, and whatever comes before, between
 * and in a wrong shape. Input that comes while the session is being opened waits, bounded; a caller is told of every
 * error by an event.
 */
export class CallerConnection {
  readonly #early = new EarlyInput();
  readonly #errors: ErrorLimit;
  #state: 'new' | 'opening' | 'open' | 'left' | 'lost' = 'new';
  #session: CallSession | undefined;

  constructor(
    private readonly parts: GatewayParts,
    private readonly registry: SessionRegistry,
    private readonly caller: Caller,
  ) {
    this.#errors = new ErrorLimit(parts.clock);
  }

  /** Opens the connection's session, or resumes one when there is a `resume` in it. @param request unchecked */
  async open(request: unknown): Promise<EdgeAck> {
    if (this.#state !== 'new') return this.#refuse(new EdgeError('session_exists'));
    this.#state = 'opening';
    try {
      const session = await (isResumption(request)
        ? this.registry.resume(this.caller, request, () => this.#isGone)
        : this.registry.open(this.caller, request));
      this.#session = session;
      if (this.#isGone) {
        this.#release(session);
        return { ok: true, sessionId: session.sessionId };
      }
      this.#state = 'open';
      this.#deliverEarly(session);
      return { ok: true, sessionId: session.sessionId };
    } catch (error) {
      if (!this.#isGone) this.#state = 'new';
      this.#early.drain();
      return this.#refuse(edgeErrorOf(error));
    }
  }

  /**
   * Takes a binary frame.
   * @returns why it was dropped; the caller has been told, at most once a second
   */
  audio(pcm: Buffer): ErrorCode | undefined {
    if (this.#session) return this.#session.audio(pcm);
    if (this.#isGone) return undefined;
    if (pcm.byteLength > MAX_CALLER_FRAME_BYTES) return this.#dropEarly('frame_too_large');
    if (this.#state === 'opening' && this.#early.add(pcm)) return undefined;
    return this.#dropEarly('session_not_started');
  }

  /** Takes JSON, as text or as the object that a door has made of it. */
  async message(message: unknown): Promise<EdgeAck> {
    try {
      const isText = typeof message === 'string' || Buffer.isBuffer(message);
      const checked = isText ? parseCallerMessage(message) : checkCallerMessage(message);
      if (this.#session) {
        await this.#session.message(checked);
        return { ok: true, sessionId: this.#session.sessionId };
      }
      if (this.#state !== 'opening' || !this.#early.add(checked)) throw new EdgeError('session_not_started');
      return { ok: true, sessionId: '' };
    } catch (error) {
      return this.#refuse(edgeErrorOf(error));
    }
  }

  /** Tells the caller that what came cannot be used. */
  reject(code: ErrorCode): EdgeAck {
    return this.#refuse(new EdgeError(code));
  }

  /** The connection is closed. @param isLost the caller did not mean to leave, as far as the door can tell */
  gone(isLost: boolean): void {
    this.#state = isLost ? 'lost' : 'left';
    if (this.#session) this.#release(this.#session);
  }

  get #isGone(): boolean {
    return this.#state === 'lost' || this.#state === 'left';
  }

  #release(session: CallSession): void {
    if (this.#state === 'lost') session.suspend();
    else void session.end('caller_left');
  }

  #deliverEarly(session: CallSession): void {
    for (const item of this.#early.drain()) {
      if (Buffer.isBuffer(item)) session.audio(item);
      else void this.message(item satisfies CallerMessage);
    }
  }

  #dropEarly(code: ErrorCode): ErrorCode {
    this.parts.metrics.framesDropped.inc({ reason: code });
    if (this.#errors.admit(code)) this.#tell(new EdgeError(code));
    return code;
  }

  #refuse(error: EdgeError): EdgeAck {
    if (error.code === 'internal') this.parts.log.limited('caller.internal', 'error', { err: error }, 'a caller met an unexpected error'); // prettier-ignore
    this.#tell(error);
    return { ok: false, code: error.code, message: error.message };
  }

  #tell({ code, message }: EdgeError): void {
    this.parts.metrics.callerErrors.inc({ code });
    this.caller.sendEvent(errorEvent(code, { message }));
  }
}

function isResumption(request: unknown): request is { resume: string } {
  return typeof (request as { resume?: unknown } | null)?.resume === 'string';
}
