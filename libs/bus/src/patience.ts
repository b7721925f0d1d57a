import { BusError, type BusErrorCode } from './bus-error.js';

/** How an operation on the broker is repeated. */
export interface PatienceOptions {
  /** How long it may take altogether, the broker's absence included. */
  deadlineMs: number;
  /** What cannot be done, as it should read after "cannot". */
  what: string;
  /** Code of the error at the deadline. @defaultValue 'unavailable' */
  code?: BusErrorCode;
  /** Whether to go on after an error; a {@link BusError} that is not retryable always ends it. */
  isRetryable?(error: unknown): boolean;
  /** Ends the wait early, with the last error. */
  isCancelled?(): boolean;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

/**
 * Repeats an operation that is safe to repeat until it succeeds: the broker may be away, or without a leader.
 * @throws {BusError} with the given code at the deadline; whatever the attempt threw when it is not retryable
 */
export async function patiently<T>(attempt: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const until = performance.now() + options.deadlineMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await before(until, attempt());
    } catch (cause) {
      if (isFinal(cause, options)) throw cause;
      if (performance.now() + pauseMs >= until || options.isCancelled?.()) {
        const message = `cannot ${options.what} within ${options.deadlineMs} ms: the broker does not answer`;
        throw new BusError(options.code ?? 'unavailable', message, true, { cause });
      }
    }
    await pause(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** Resolves after this many ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Rejects when a promise is not settled in time; what becomes of it later is ignored. */
export async function before<T>(until: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new BusError('unavailable', 'the broker did not answer in time', true);
    timer = setTimeout(() => reject(error), Math.max(0, until - performance.now()));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isFinal(error: unknown, { isRetryable }: PatienceOptions): boolean {
  if (error instanceof BusError && !error.retryable) return true;
  return isRetryable?.(error) === false;
}
