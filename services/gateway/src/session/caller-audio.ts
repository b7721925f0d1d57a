import { MAX_CALLER_FRAME_BYTES, type ErrorCode } from '@parley/contracts';
import type { Clock } from '../clock.js';

/** Rate of callers' voice. */
export const CALLER_SAMPLE_RATE_HZ = 16_000;
const BYTES_PER_MS = (CALLER_SAMPLE_RATE_HZ / 1000) * 2;
/** A frame counts for at least this much of the allowance, so that a flood of tiny frames runs out too. */
const MIN_FRAME_MS = 5;

/** Judges a caller's binary frames. */
export class CallerAudio {
  /** When real time will have caught up with what was accepted. */
  #aheadUntilMs: number;

  /** What may still come faster than that, once. */
  #creditMs: number;

  /**
   * @param aheadMs how far ahead of real time a caller may be
   * @param creditMs voice beyond that which is taken once: what a caller who resumes sends again
   */
  constructor(
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly aheadMs: number,
    creditMs = 0,
  ) {
    this.#aheadUntilMs = clock.nowMs();
    this.#creditMs = creditMs;
  }

  /** @returns why a frame of this size must be dropped, or undefined when it is fine and counted */
  judge(bytes: number): ErrorCode | undefined {
    if (bytes > MAX_CALLER_FRAME_BYTES) return 'frame_too_large';
    if (bytes % 2 !== 0) return 'audio_odd_length';
    const now = this.clock.nowMs();
    const costMs = Math.max(bytes / BYTES_PER_MS, MIN_FRAME_MS);
    const until = Math.max(this.#aheadUntilMs, now) + costMs;
    if (until - now > this.aheadMs) {
      if (this.#creditMs < costMs) return 'audio_too_fast';
      this.#creditMs -= costMs;
      return undefined;
    }
    this.#aheadUntilMs = until;
    return undefined;
  }
}
