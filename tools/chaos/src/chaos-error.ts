/** What stops a run before it has a report. */
export type ChaosErrorCode =
  /** An option that there is not, or that makes no sense. */
  'usage';

/** The one error class of the chaos runner. Never retryable. */
export class ChaosError extends Error {
  override readonly name = 'ChaosError';
  readonly retryable = false;

  constructor(
    readonly code: ChaosErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
