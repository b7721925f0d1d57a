import { AudioError } from './audio-error.js';

/**
 * Cuts chunks of any length into windows of one fixed length, losing nothing: what does not fill a window waits for
 * the next chunk. Holds less than one window and allocates nothing after construction.
 */
export class PcmWindows {
  private readonly window: Int16Array;
  private filled = 0;

  /** @throws {AudioError} `invalid_setting` when `windowSamples` is no positive integer */
  constructor(readonly windowSamples: number) {
    if (!Number.isInteger(windowSamples) || windowSamples < 1) {
      throw new AudioError('invalid_setting', `a window of ${windowSamples} samples is none`);
    }
    this.window = new Int16Array(windowSamples);
  }

  /** Samples that wait for the rest of their window. */
  get pendingSamples(): number {
    return this.filled;
  }

  /**
   * Takes a chunk and hands each full window, in order, to `take`. The window is one reused array: it is valid during
   * the call only. When `take` throws, the rest of the chunk is not taken.
   */
  push(chunk: Int16Array, take: (window: Int16Array) => void): void {
    let at = 0;
    while (at < chunk.length) {
      const samples = Math.min(this.windowSamples - this.filled, chunk.length - at);
      // subarray would allocate a view for each window
      for (let i = 0; i < samples; i++) this.window[this.filled + i] = chunk[at + i]!;
      at += samples;
      this.filled += samples;
      if (this.filled === this.windowSamples) {
        this.filled = 0;
        take(this.window);
      }
    }
  }

  /** What waits for the rest of its window, as a copy; nothing is pending afterwards. */
  flush(): Int16Array {
    const rest = this.window.slice(0, this.filled);
    this.filled = 0;
    return rest;
  }
}
