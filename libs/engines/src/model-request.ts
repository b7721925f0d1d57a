import { mergeUsageMetadata, type AIMessageChunk, type UsageMetadata } from '@langchain/core/messages';

import type { FallbackEntry } from './fallback-options.js';
import { engineErrorOf } from './engine-error-of.js';

/** Makes the request; the signal aborts it. */
export type Ask = (signal: AbortSignal) => Promise<AsyncIterable<AIMessageChunk>>;

/** One request to one model. What comes before its first word or tool call is held back, so that it can be dropped. */
export class ModelRequest {
  /** Settles when the first word or tool call is there, or the whole answer; fails with an `EngineError`. */
  readonly begun: Promise<void>;
  private readonly abort = new AbortController();
  private readonly held: AIMessageChunk[] = [];
  private chunks: AsyncIterator<AIMessageChunk> | undefined;
  private usage: UsageMetadata | undefined;
  private isOver = false;

  /** @param onUsage told once, when the request is over, of what it cost as far as that is known */
  constructor(
    readonly entry: FallbackEntry,
    ask: Ask,
    private readonly onUsage: (usage: UsageMetadata) => void,
  ) {
    this.begun = this.begin(ask);
    // Whoever loses interest does not wait for it.
    this.begun.catch(() => undefined);
  }

  /** The whole answer from its beginning, after {@link begun}; one reader. @throws {EngineError} */
  async *answer(): AsyncGenerator<AIMessageChunk, void, undefined> {
    yield* this.held;
    for (let chunk = await this.next(); chunk; chunk = await this.next()) yield chunk;
  }

  /** Aborts what is not over yet. May be called twice. */
  cancel(): void {
    this.abort.abort();
    this.end();
    this.chunks?.return?.().catch(() => undefined);
  }

  private async begin(ask: Ask): Promise<void> {
    try {
      this.chunks = (await ask(this.abort.signal))[Symbol.asyncIterator]();
    } catch (thrown) {
      this.end();
      throw engineErrorOf(thrown);
    }
    if (this.isOver) this.chunks.return?.().catch(() => undefined);
    for (let chunk = await this.next(); chunk; chunk = await this.next()) {
      this.held.push(chunk);
      if (chunk.text !== '' || hasToolCall(chunk)) return;
    }
  }

  private async next(): Promise<AIMessageChunk | undefined> {
    if (this.isOver) return undefined;
    try {
      const result = await this.chunks?.next();
      if (result && !result.done) {
        const { usage_metadata } = result.value;
        if (usage_metadata) this.usage = mergeUsageMetadata(this.usage, usage_metadata);
        return result.value;
      }
    } catch (thrown) {
      this.end();
      throw engineErrorOf(thrown);
    }
    this.end();
    return undefined;
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.usage) this.onUsage(this.usage);
  }
}

/** Whether a chunk begins a tool call or goes on with one. */
export function hasToolCall({ tool_call_chunks, tool_calls }: AIMessageChunk): boolean {
  return (tool_call_chunks?.length ?? 0) > 0 || (tool_calls?.length ?? 0) > 0;
}
