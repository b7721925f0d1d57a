/** What stops a benchmark before it has a report. */
export type BenchErrorCode =
  /** An option that there is not, or that makes no sense; a report that cannot be read. */
  | 'usage'
  /** The callers' process ended without a word. */
  | 'load_failed';

/** The one error class of the benchmark. Never retryable. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly retryable = false;

  constructor(
    readonly code: BenchErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
