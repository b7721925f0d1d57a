import type { ErrorCode } from '@parley/contracts';
import type { Clock } from '../clock.js';

const WINDOW_MS = 1000;

/** Lets each error code through to the caller once a second at most, so that a flood of bad frames makes no flood of errors. */
export class ErrorLimit {
  readonly #lastMs = new Map<ErrorCode, number>();

  constructor(private readonly clock: Pick<Clock, 'nowMs'>) {}

  /** Whether the caller is to be told now. */
  admit(code: ErrorCode): boolean {
    const now = this.clock.nowMs();
    if (now - (this.#lastMs.get(code) ?? -Infinity) < WINDOW_MS) return false;
    this.#lastMs.set(code, now);
    return true;
  }
}
