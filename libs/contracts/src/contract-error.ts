/** What can be wrong with a message, a frame or a subject. */
export type ContractErrorCode =
  'invalid_session_id' | 'invalid_subject' | 'invalid_event' | 'invalid_frame' | 'unsupported_version';

/** Thrown when bytes or names do not follow the wire contract. Never retryable: the same bytes fail again. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly retryable = false;

  constructor(
    readonly code: ContractErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
