const MAX_KEYS = 1000;

/** Decides which repeats of a log line are written: at most one per key and window. Keeps the 1000 newest keys. */
export class LogLimit {
  private readonly seen = new Map<string, { fromMs: number; suppressed: number }>();

  constructor(
    private readonly windowMs: number,
    private readonly now: () => number,
  ) {}

  /** @returns how many were suppressed since the last one written, or undefined when this one is to be suppressed */
  admit(key: string): number | undefined {
    const nowMs = this.now();
    const entry = this.seen.get(key);
    if (entry && nowMs - entry.fromMs < this.windowMs) {
      entry.suppressed++;
      return undefined;
    }
    this.seen.delete(key);
    if (this.seen.size >= MAX_KEYS) this.seen.delete(this.seen.keys().next().value as string);
    this.seen.set(key, { fromMs: nowMs, suppressed: 0 });
    return entry?.suppressed ?? 0;
  }
}
