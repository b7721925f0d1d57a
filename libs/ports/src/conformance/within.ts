/**
 * Waits for a promise, but not forever.
 * @param what what is waited for, for the failure's message
 * @throws {Error} when `ms` have passed
 */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Gives the code of the error that a promise is rejected with, or `resolved`, or `uncoded` for an error without one. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: { code?: unknown }) => (typeof error.code === 'string' ? error.code : 'uncoded'),
  );
}
