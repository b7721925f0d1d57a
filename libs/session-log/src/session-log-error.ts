/** What can be wrong with a session's log. */
export type SessionLogErrorCode =
  /** The file is no log that this build can read. */
  'log_file_invalid';

/** Thrown when a session's log cannot be used. */
export class SessionLogError extends Error {
  override readonly name = 'SessionLogError';
  readonly retryable = false;

  constructor(
    readonly code: SessionLogErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
