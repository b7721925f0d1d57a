import { TestingError } from './testing-error.js';

/**
 * Waits for a promise, but not longer than this.
 * @param what what is waited for, as it should read after "no"
 * @throws {TestingError} `deadline_exceeded`
 */
export async function deadline<T>(promise: PromiseLike<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new TestingError('deadline_exceeded', `no ${what} within ${deadlineMs} ms`);
    timer = setTimeout(() => reject(error), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Tries until a function returns something truthy, and gives it back. A failed assertion or a falsy value means "not
 * yet"; a function that only asserts returns true at its end.
 * @throws {TestingError} `deadline_exceeded`, with the last failure as its cause
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  options: { what: string; deadlineMs?: number; intervalMs?: number },
): Promise<NonNullable<T>> {
  const { what, deadlineMs = 5000, intervalMs = 10 } = options;
  const endMs = performance.now() + deadlineMs;
  let last: { value?: T; cause?: unknown } = {};
  do {
    try {
      const value = await deadline(Promise.resolve(attempt()), Math.max(1, endMs - performance.now()), what);
      if (value) return value;
      last = { value };
    } catch (cause) {
      last = { cause };
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  } while (performance.now() < endMs);
  const seen = last.cause ? String((last.cause as Error).message ?? last.cause) : `it was ${String(last.value)}`;
  throw new TestingError('deadline_exceeded', `no ${what} within ${deadlineMs} ms: ${seen}`, { cause: last.cause });
}
