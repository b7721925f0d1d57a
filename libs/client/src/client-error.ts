import { ERROR_CODES, type EdgeAck, type ErrorCode } from '@parley/contracts';

/** What goes wrong on the client's side of the connection. */
export type ParleyClientErrorCode =
  /** The gateway cannot be reached, or refused the connection. */
  | 'cannot_connect'
  /** The session was not accepted within `connectTimeoutMs`. */
  | 'connect_timeout'
  /** The connection broke while the session was being opened, or was open and cannot be resumed. */
  | 'connection_lost'
  /** The connection broke and no gateway took the session over while it waited for its caller. */
  | 'resume_expired'
  /** More texts wait for their confirmation than are kept. */
  | 'too_many_texts'
  /** The session is not open, or not any more. */
  | 'not_open'
  /** The gateway did not confirm a message in time. */
  | 'ack_timeout'
  /** The gateway said something that is not the contract. */
  | 'protocol';

/** Codes that the client gives itself and that are worth trying again. */
const RETRYABLE: ReadonlySet<string> = new Set([
  'cannot_connect',
  'connect_timeout',
  'connection_lost',
  'ack_timeout',
  'too_many_texts',
]);

/**
 * The one error class of the client. `code` is one of {@link ParleyClientErrorCode}, or a code the gateway
 * answered with: one of the contract's error codes, or one that a newer gateway knows.
 */
export class ParleyClientError extends Error {
  override readonly name = 'ParleyClientError';
  /** Whether the same action may succeed later. */
  readonly retryable: boolean;

  constructor(
    readonly code: ParleyClientErrorCode | ErrorCode | (string & {}),
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.retryable =
      RETRYABLE.has(code) || (Object.hasOwn(ERROR_CODES, code) && ERROR_CODES[code as ErrorCode].retryable);
  }
}

/** The error for an acknowledgement that refuses, or is none. */
export function refusal(ack: EdgeAck | undefined): ParleyClientError {
  if (ack && !ack.ok && typeof ack.code === 'string') return new ParleyClientError(ack.code, ack.message);
  return new ParleyClientError('protocol', 'the gateway answered something that is no acknowledgement');
}
