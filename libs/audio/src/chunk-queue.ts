import { AudioError } from './audio-error.js';

/** What a queue does with a chunk that it has no room for. */
export type WhenFull =
  /** Makes room by dropping from the front: for live audio, where old is worthless. */
  | 'drop-oldest'
  /** Refuses the new one: for audio that must be whole, with a writer that can wait. */
  | 'refuse';

/** How much a {@link ChunkQueue} holds. */
export interface ChunkQueueOptions<Chunk> {
  maxMs: number;
  /** Guards against floods of tiny chunks. */
  maxChunks: number;
  whenFull: WhenFull;
  /** Duration of one chunk. */
  durationMs: (chunk: Chunk) => number;
}

interface Waiter {
  belowMs: number;
  wake: () => void;
}

type State = { kind: 'open' } | { kind: 'closed' } | { kind: 'failed'; error: unknown };

/**
 * A bounded queue of audio chunks between writers and one reader, in order. It is read with `for await`; a reader that
 * leaves the loop closes it.
 */
export class ChunkQueue<Chunk> implements AsyncIterable<Chunk> {
  private readonly options: ChunkQueueOptions<Chunk>;
  private readonly chunks: { chunk: Chunk; ms: number }[] = [];
  private readonly waiters = new Set<Waiter>();
  private state: State = { kind: 'open' };
  private heldMs = 0;
  private lostMs = 0;
  private lostChunks = 0;
  private refused = 0;
  private hasReader = false;
  private wakeReader: (() => void) | undefined;

  /** @throws {AudioError} `invalid_setting` when a bound is not positive */
  constructor(options: ChunkQueueOptions<Chunk>) {
    if (!(options.maxMs > 0) || !(options.maxChunks >= 1)) {
      throw new AudioError('invalid_setting', 'a queue has room for some audio');
    }
    this.options = options;
  }

  /** Audio that waits to be read. */
  get bufferedMs(): number {
    return this.heldMs;
  }

  get bufferedChunks(): number {
    return this.chunks.length;
  }

  /** Audio that was accepted and never reached the reader. */
  get droppedMs(): number {
    return this.lostMs;
  }

  get droppedChunks(): number {
    return this.lostChunks;
  }

  /** Chunks that {@link push} answered with false; they are the writer's still, and not counted as dropped. */
  get refusedChunks(): number {
    return this.refused;
  }

  /** False after {@link close}, {@link fail}, or when the reader has left. */
  get open(): boolean {
    return this.state.kind === 'open';
  }

  /**
   * Appends a chunk.
   * @returns whether it was accepted: false when the queue is no longer open, when it is full and refuses, or when the
   * chunk alone is longer than `maxMs`
   * @throws {AudioError} `invalid_setting` when `durationMs` does not give a duration
   */
  push(chunk: Chunk): boolean {
    const { maxMs, maxChunks, whenFull, durationMs } = this.options;
    const ms = durationMs(chunk);
    if (!(ms >= 0)) throw new AudioError('invalid_setting', `a chunk of ${ms} ms`);
    const full = this.heldMs + ms > maxMs || this.chunks.length >= maxChunks;
    if (this.state.kind !== 'open' || ms > maxMs || (full && whenFull === 'refuse')) {
      this.refused++;
      return false;
    }
    while (this.chunks.length > 0 && (this.heldMs + ms > maxMs || this.chunks.length >= maxChunks)) this.dropFirst();
    this.chunks.push({ chunk, ms });
    this.heldMs += ms;
    this.wakeReader?.();
    return true;
  }

  /**
   * Waits until less than `belowMs` is buffered, or until the queue is no longer open: what {@link push} answers then
   * tells which. Rejects with the signal's reason when it aborts first.
   */
  whenBelow(belowMs: number, options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (this.state.kind !== 'open' || this.heldMs < belowMs) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiters.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const abort = () => {
        leave();
        reject(signal?.reason as Error);
      };
      const wake = () => {
        leave();
        resolve();
      };
      const waiter: Waiter = { belowMs, wake };
      this.waiters.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Drops all that is buffered, and counts it. The queue stays as it is otherwise. */
  clear(): void {
    while (this.chunks.length > 0) this.dropFirst();
    this.wakeWaiters();
  }

  /** Takes no more chunks; the reader ends after what is buffered. Does nothing when no longer open. */
  close(): void {
    if (this.state.kind === 'open') this.leaveOpen({ kind: 'closed' });
  }

  /** Takes no more chunks and drops what is buffered; the reader throws `error`. Does nothing when no longer open. */
  fail(error: unknown): void {
    if (this.state.kind !== 'open') return;
    this.clear();
    this.leaveOpen({ kind: 'failed', error });
  }

  /**
   * The one reader.
   * @throws {AudioError} `second_reader` when there is or was another
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, undefined> {
    if (this.hasReader) throw new AudioError('second_reader', 'the queue has a reader already');
    this.hasReader = true;
    try {
      for (;;) {
        const first = this.takeFirst();
        if (first !== undefined) yield first.chunk;
        else if (this.state.kind === 'failed') throw this.state.error;
        else if (this.state.kind === 'closed') return;
        else await this.nextChange();
      }
    } finally {
      this.close();
      this.clear();
    }
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.wakeReader = () => {
        this.wakeReader = undefined;
        resolve();
      };
    });
  }

  private leaveOpen(state: State): void {
    this.state = state;
    this.wakeReader?.();
    this.wakeWaiters();
  }

  private takeFirst(): { chunk: Chunk; ms: number } | undefined {
    const first = this.chunks.shift();
    if (first === undefined) return undefined;
    // fractions of a millisecond must not add up to a remainder in an empty queue
    this.heldMs = this.chunks.length === 0 ? 0 : this.heldMs - first.ms;
    this.wakeWaiters();
    return first;
  }

  private dropFirst(): void {
    const first = this.takeFirst();
    if (first === undefined) return;
    this.lostMs += first.ms;
    this.lostChunks++;
  }

  private wakeWaiters(): void {
    for (const waiter of this.waiters) {
      if (this.state.kind !== 'open' || this.heldMs < waiter.belowMs) waiter.wake();
    }
  }
}
