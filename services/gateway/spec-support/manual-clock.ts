import type { Clock } from '../src/clock.js';

/** A clock that stands still until it is told to go on; timers run in order on the way. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ atMs: number; run: () => void }>();

  nowMs(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#now + Math.max(0, delayMs), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > until) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.atMs);
      next.run();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Lets time pass with nothing run, as a blocked event loop does. */
  stall(ms: number): void {
    this.#now += ms;
  }
}
