import type { Clock } from '../clock.js';

/** How much over the limit a caller is cut off at once: text is sent even to a slow caller, and must be bounded too. */
const CUT_OFF_FACTOR = 32;

/** Watches how much a caller has not read. */
export class CallerPressure {
  #slowSinceMs: number | undefined;

  constructor(
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly limits: { maxOwedBytes: number; slowTimeoutMs: number },
  ) {}

  /** Whether voice may be sent to a caller who is owed this much. */
  admits(owedBytes: number): boolean {
    if (owedBytes <= this.limits.maxOwedBytes) {
      this.#slowSinceMs = undefined;
      return true;
    }
    this.#slowSinceMs ??= this.clock.nowMs();
    return false;
  }

  /** Whether the caller has been over the limit for too long, or is hopelessly over it. */
  isHopeless(owedBytes: number): boolean {
    if (this.admits(owedBytes)) return false;
    if (owedBytes > this.limits.maxOwedBytes * CUT_OFF_FACTOR) return true;
    return this.clock.nowMs() - (this.#slowSinceMs as number) >= this.limits.slowTimeoutMs;
  }
}
