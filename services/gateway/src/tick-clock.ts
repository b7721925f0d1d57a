import type { Clock } from './clock.js';

/** Something that wants to be called while it is active. */
export interface Ticking {
  readonly active: boolean;
  tick(): void;
}

/**
 * One timer for many: ticks whatever is active once a period and rests when nothing is. Ticks are due at multiples of
 * the period since it woke, so that lateness does not add up; what is missed is not made up for, because those who
 * are ticked work by the time and not by the number of ticks.
 */
export class TickClock {
  readonly #watched = new Set<Ticking>();
  #dueMs = 0;
  #cancel: (() => void) | undefined;

  /**
   * @param onLag called at every tick with how late it came, in ms
   * @param onError called with what a tick threw; that one is not called again
   */
  constructor(
    private readonly clock: Clock,
    private readonly periodMs: number,
    private readonly onLag: (lateMs: number) => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** How many are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** Ticks it from now on until it is no longer active. */
  watch(ticking: Ticking): void {
    if (!ticking.active) return;
    this.#watched.add(ticking);
    if (this.#cancel) return;
    this.#dueMs = this.clock.nowMs();
    this.#schedule();
  }

  /** Stops for good. */
  stop(): void {
    this.#watched.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const now = this.clock.nowMs();
    this.#dueMs += this.periodMs * Math.max(1, Math.ceil((now - this.#dueMs) / this.periodMs));
    this.#cancel = this.clock.after(this.#dueMs - now, () => this.#tick());
  }

  #tick(): void {
    this.#cancel = undefined;
    this.onLag(Math.max(0, this.clock.nowMs() - this.#dueMs));
    for (const ticking of this.#watched) {
      try {
        ticking.tick();
        if (ticking.active) continue;
      } catch (error) {
        this.onError(error);
      }
      this.#watched.delete(ticking);
    }
    if (this.#watched.size > 0) this.#schedule();
  }
}
