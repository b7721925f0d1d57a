/** Time by the calendar, as events tell it, and waiting for it; tests bring their own. */
export interface WallClock {
  /** In ms since 1970. */
  nowMs(): number;
  /** Runs once after a delay; returns a function that cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** The longest that a timer can wait. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's own clock. */
export const systemWallClock: WallClock = {
  nowMs: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
