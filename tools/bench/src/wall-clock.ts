/** How long the newest readings of the wall clock count. */
const WINDOW_MS = 5000;

/**
 * Wall time with fractions of a millisecond, to be compared with what other processes write as `Date.now()`. That has whole
 * ones only, so the most that it has been ahead of the monotonic clock lately is where it stands.
 */
export class WallClock {
  private best = -Infinity;
  private next = -Infinity;
  private renewAt = 0;

  constructor(
    private readonly dateNow: () => number = Date.now,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** In ms since 1970. Gets exact after some hundred calls. */
  nowMs(): number {
    const now = this.monotonicMs();
    const offset = this.dateNow() - now;
    this.best = Math.max(this.best, offset);
    this.next = Math.max(this.next, offset);
    if (now >= this.renewAt) {
      // A wall clock that was set back shows within two windows.
      if (this.renewAt > 0) this.best = this.next;
      this.next = -Infinity;
      this.renewAt = now + WINDOW_MS;
    }
    return now + this.best;
  }
}
