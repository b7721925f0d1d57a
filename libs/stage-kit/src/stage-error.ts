/** What can stop a service from starting. */
export type StageErrorCode =
  /** Another program listens on the port. */
  | 'port_in_use'
  /** The service did not stop in time. */
  | 'drain_timeout';

/** The error class of stage-kit. Match on `code`. */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly retryable = false;

  constructor(
    readonly code: StageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
