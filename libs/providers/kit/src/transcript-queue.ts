import type { SpeechToTextEvent } from '@parley/ports';

/** Events that may wait to be read; interim results take one place however many there are. */
const MAX_UNREAD = 256;

/** What a stream has said and its one reader has not read yet. */
export class TranscriptQueue implements AsyncIterable<SpeechToTextEvent> {
  #unread: SpeechToTextEvent[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(private readonly onSuperseded: () => void) {}

  /**
   * Appends an event. An interim result takes the place of an unread one just before it.
   * @returns false when the reader is too far behind; the event is not kept then
   */
  push(event: SpeechToTextEvent): boolean {
    if (this.#ended) return true;
    if (event.type === 'interim' && this.#unread.at(-1)?.type === 'interim') {
      this.#unread.pop();
      this.onSuperseded();
    }
    if (this.#unread.length >= MAX_UNREAD) return false;
    this.#unread.push(event);
    this.#wake?.();
    return true;
  }

  /** Lets the reader end: at once, or after the finals it is owed and `last`. */
  end(last?: SpeechToTextEvent): void {
    if (this.#ended) {
      if (!last) this.#unread = [];
      return;
    }
    this.#unread = last ? [...this.#unread.filter((event) => event.type !== 'interim'), last] : [];
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SpeechToTextEvent, void, undefined> {
    for (;;) {
      const event = this.#unread.shift();
      if (event) yield event;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
