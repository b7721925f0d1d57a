import { EngineError } from '@parley/ports';

/**
 * What an engine yields, for as long as it answers: each next item must come within the time. Ends at once when the
 * signal is aborted, whether or not the engine heeds it.
 * @throws {EngineError} `engine_timeout`, or what the engine throws
 */
export async function* answering<T>(items: AsyncIterable<T>, timeoutMs: number, signal: AbortSignal) {
  const iterator = items[Symbol.asyncIterator]();
  let left = () => {};
  const aborted = new Promise<{ done: true }>((resolve) => (left = () => resolve({ done: true })));
  signal.addEventListener('abort', left, { once: true });
  try {
    while (!signal.aborted) {
      const next = await Promise.race([within(iterator.next(), timeoutMs), aborted]);
      if (next.done) return;
      yield next.value as T;
    }
  } finally {
    signal.removeEventListener('abort', left);
    // Not awaited: an engine that does not answer does not answer this either.
    iterator.return?.().catch(() => undefined);
  }
}

async function within<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = () => new EngineError('engine_timeout', `the engine gave nothing for ${timeoutMs} ms`, true);
    timer = setTimeout(() => reject(error()), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
