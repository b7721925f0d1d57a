/** Time as the command sees it, so that tests can turn it by hand. */
export interface Clock {
  /** Monotonic, in ms. */
  nowMs(): number;
  /** Runs `action` once, no earlier than `delayMs` from now. @returns a function that calls it off */
  after(delayMs: number, action: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
