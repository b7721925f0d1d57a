import type { EngineError, SpeechChunk } from '@parley/ports';

/**
 * The voice of one text on its way to its one reader. Holds as much as the text makes, and waits for the next of it no
 * longer than it may.
 */
export class SpeechFeed implements AsyncIterable<SpeechChunk> {
  #chunks: SpeechChunk[] = [];
  #isOver = false;
  #error: EngineError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  /** @param onTimeout called when nothing was said for `timeoutMs`, before the end */
  constructor(
    private readonly timeoutMs: number,
    private readonly onTimeout: () => void,
  ) {
    this.restart();
  }

  /** Something was said: it waits anew. */
  restart(): void {
    clearTimeout(this.#timer);
    if (!this.#isOver) this.#timer = setTimeout(this.onTimeout, this.timeoutMs);
  }

  push(chunk: SpeechChunk): void {
    if (this.#isOver) return;
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** There is no more; what is unread still comes. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#wake?.();
  }

  /** Ends with an error, after what is unread. Does nothing after the end. */
  fail(error: EngineError): void {
    if (!this.#isOver) this.#error = error;
    this.end();
  }

  /** Ends with an error at once, also after the end. */
  abort(error: EngineError): void {
    this.#chunks = [];
    this.#error = error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SpeechChunk, void, undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) yield chunk;
      else if (this.#error) throw this.#error;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
