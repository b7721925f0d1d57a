import type { Clock, TimerHandle } from './engines/clock.js';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  private readonly timers = new Map<number, { atMs: number; callback: () => void }>();
  private lastId = 0;

  constructor(private nowMs = 0) {}

  /** A bound function, so that it can be handed on as `now`. */
  readonly now = (): number => this.nowMs;

  readonly setTimeout = (callback: () => void, delayMs: number): TimerHandle => {
    this.timers.set(++this.lastId, { atMs: this.nowMs + Math.max(0, delayMs), callback });
    return this.lastId;
  };

  readonly clearTimeout = (handle: TimerHandle): void => {
    this.timers.delete(handle as number);
  };

  /** Timers that have not fired. */
  get pending(): number {
    return this.timers.size;
  }

  /** Moves on, firing what is due in its order, and lets promises run before it starts and after each timer. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      await settlePromises();
      const due = [...this.timers].filter(([, { atMs }]) => atMs <= endMs).sort((a, b) => a[1].atMs - b[1].atMs)[0];
      if (!due) break;
      const [id, { atMs, callback }] = due;
      this.timers.delete(id);
      this.nowMs = atMs;
      callback();
    }
    this.nowMs = endMs;
  }
}

/** Lets promise chains run to their next wait on a timer or on I/O. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
