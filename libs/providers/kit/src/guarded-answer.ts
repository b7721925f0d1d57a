import { EngineError } from '@parley/ports';

/** What an answer that comes in chunks is held to. */
export interface AnswerRules<Chunk> {
  /** As it stands in messages. */
  provider: string;
  /** How long the first word may take, the connection included, and each further one after the one before it; in ms. */
  answerTimeoutMs: number;
  /** Of the caller. */
  signal?: AbortSignal;
  /** Whether a chunk has something of the answer in it: one that has not buys no time. */
  says(chunk: Chunk): boolean;
  /** Whether the provider says with a chunk that the answer is complete. */
  ends(chunk: Chunk): boolean;
  translate(thrown: unknown): EngineError;
}

/**
 * Hands on the chunks of an answer in their order, and ends when it is complete. However it ends, the request is aborted
 * by the signal that `ask` is given, and nothing is waited for any more. The caller's own time is not counted.
 * @throws {EngineError} `engine_timeout`, `engine_aborted`, `engine_protocol` for an answer that ends before it is
 * complete, and what the request's errors are translated to
 */
export async function* guardAnswer<Chunk>(
  ask: (signal: AbortSignal) => AsyncIterable<Chunk>,
  rules: AnswerRules<Chunk>,
): AsyncGenerator<Chunk, void, undefined> {
  const { provider, answerTimeoutMs, signal } = rules;
  const request = new AbortController();
  const chunks = ask(request.signal)[Symbol.asyncIterator]();
  let leftMs = answerTimeoutMs;
  let isComplete = false;
  try {
    for (;;) {
      const waitingSinceMs = performance.now();
      const { done, value } = await within(chunks.next(), leftMs, rules);
      if (done) break;
      leftMs = rules.says(value) ? answerTimeoutMs : leftMs - (performance.now() - waitingSinceMs);
      isComplete ||= rules.ends(value);
      yield value;
    }
  } catch (thrown) {
    if (signal?.aborted) throw aborted(provider, thrown);
    // All of it is there, whatever became of the connection afterwards.
    if (!isComplete) throw thrown instanceof EngineError ? thrown : rules.translate(thrown);
  } finally {
    request.abort();
    chunks.return?.().catch(() => undefined);
  }
  if (signal?.aborted) throw aborted(provider);
  // Clients end quietly when the connection is closed in the middle of an answer.
  if (!isComplete)
    throw new EngineError('engine_protocol', `${provider}: the answer ended before it was complete`, true);
}

/** The chunks of an answer in one; undefined when there are none. */
export async function wholeAnswer<Chunk extends { concat(next: Chunk): Chunk }>(
  chunks: AsyncIterable<Chunk>,
): Promise<Chunk | undefined> {
  let whole: Chunk | undefined;
  for await (const chunk of chunks) whole = whole ? whole.concat(chunk) : chunk;
  return whole;
}

/** Settles as `next` does, unless the time is up before or the caller aborts. */
function within<T, Chunk>(next: Promise<T>, leftMs: number, rules: AnswerRules<Chunk>): Promise<T> {
  const { provider, answerTimeoutMs, signal } = rules;
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      how();
    };
    const abort = () => settle(() => reject(aborted(provider)));
    const late = new EngineError('engine_timeout', `${provider}: nothing was said for ${answerTimeoutMs} ms`, true);
    const timer = setTimeout(() => settle(() => reject(late)), Math.max(0, leftMs));
    signal?.addEventListener('abort', abort);
    next.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    if (signal?.aborted) abort();
  });
}

function aborted(provider: string, cause?: unknown): EngineError {
  if (cause instanceof EngineError && cause.code === 'engine_aborted') return cause;
  return new EngineError('engine_aborted', `${provider}: the caller aborted`, false, { cause });
}
