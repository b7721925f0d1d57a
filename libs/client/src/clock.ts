/** Time as the client sees it; tests bring their own. */
export interface Clock {
  /** Monotonic, in ms. */
  nowMs(): number;
  /** Runs once after a delay; returns a function that cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** The platform's monotonic clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
