import type { ParleyEvent } from '@parley/contracts';
import type { Clock } from '../clock.js';

/** Watches whether a session has had its time. */
export class SessionLimits {
  readonly #openedMs: number;
  #activeMs: number;

  /**
   * @param limits `maxDurationMs` 0 for none
   * @param ageMs how long the session has lasted before
   */
  constructor(
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly limits: { idleTimeoutMs: number; maxDurationMs: number },
    ageMs = 0,
  ) {
    this.#activeMs = clock.nowMs();
    this.#openedMs = this.#activeMs - ageMs;
  }

  /** Somebody spoke or wrote. */
  touch(): void {
    this.#activeMs = this.clock.nowMs();
  }

  /** Takes any event of the session. */
  note({ type }: ParleyEvent): void {
    if (type === 'speech.started' || type === 'reply.started' || type === 'reply.ended') this.touch();
  }

  /** Why the session must end now, if it must. */
  get exceeded(): 'session_idle' | 'session_too_long' | undefined {
    const now = this.clock.nowMs();
    const { idleTimeoutMs, maxDurationMs } = this.limits;
    if (maxDurationMs > 0 && now - this.#openedMs >= maxDurationMs) return 'session_too_long';
    return now - this.#activeMs >= idleTimeoutMs ? 'session_idle' : undefined;
  }
}
