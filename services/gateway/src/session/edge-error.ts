import { ERROR_CODES, type EdgeEvent, type ErrorCode } from '@parley/contracts';

/** Something that goes to a caller as a coded error. */
export class EdgeError extends Error {
  override readonly name = 'EdgeError';
  readonly retryable: boolean;

  constructor(
    readonly code: ErrorCode,
    message: string = ERROR_CODES[code].message,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.retryable = ERROR_CODES[code].retryable;
  }
}

/** Whatever was thrown as something that a caller may see; details of what is not an {@link EdgeError} stay inside. */
export function edgeErrorOf(error: unknown): EdgeError {
  return error instanceof EdgeError ? error : new EdgeError('internal', undefined, { cause: error });
}

/** The event that tells a caller of an error. */
export function errorEvent(code: ErrorCode, details: { message?: string; stage?: string } = {}): EdgeEvent {
  const { message, retryable } = ERROR_CODES[code];
  return {
    type: 'error',
    code,
    message: details.message ?? message,
    retryable,
    ...(details.stage !== undefined && { stage: details.stage }),
  };
}
