/** A queue with one reader. */
export class EventQueue<T> implements AsyncIterable<T> {
  private readonly waiting: T[] = [];
  private wake: (() => void) | undefined;
  private ended = false;

  /** Adds an item; with `replaces`, in place of an unread last one that it makes useless. Does nothing after `end()`. */
  push(item: T, replaces?: (last: T) => boolean): void {
    if (this.ended) return;
    const last = this.waiting.at(-1);
    if (last !== undefined && replaces?.(last)) this.waiting.pop();
    this.waiting.push(item);
    this.wake?.();
  }

  /** Ends the iteration, after what is still unread unless it is dropped. */
  end(options: { drop?: boolean } = {}): void {
    this.ended = true;
    if (options.drop) this.waiting.length = 0;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.waiting.length > 0) yield this.waiting.shift() as T;
      if (this.ended) return;
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
  }
}
