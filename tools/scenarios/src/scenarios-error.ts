/** What stops a run before it has results. */
export type ScenariosErrorCode =
  /** An option that there is not, or that makes no sense. */
  | 'usage'
  /** A file that is no scenario. */
  | 'invalid_file';

/** The one error class of the scenario runner. Never retryable. */
export class ScenariosError extends Error {
  override readonly name = 'ScenariosError';
  readonly retryable = false;

  constructor(
    readonly code: ScenariosErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
