import type { Clock } from './clock.js';

/** Something that wants to be called while it is active. */
export interface Ticking {
  readonly active: boolean;
  tick(): void;
}

/**
 * One timer for many: ticks whatever is active once a period and rests when nothing is. Those who are watched are spread
 * over the parts of the period, so that they do not all come at once. Ticks are due at multiples of a part since it
 * woke, so that lateness does not add up; what is missed is not made up for, because those who are ticked work by the
 * time and not by the number of ticks.
 */
export class TickClock {
  readonly #partMs: number;
  readonly #watched = new Set<Ticking>();
  /** The same, by when they are ticked. */
  readonly #parts: Set<Ticking>[];
  /** Which part a new one goes to. */
  #nextPart = 0;
  /** Which part is ticked next. */
  #duePart = 0;
  #dueMs = 0;
  #cancel: (() => void) | undefined;

  /**
   * @param parts how many parts a period has
   * @param onLag called at every tick with how late it came, in ms
   * @param onError called with what a tick threw; that one is not called again
   */
  constructor(
    private readonly clock: Clock,
    periodMs: number,
    parts: number,
    private readonly onLag: (lateMs: number) => void,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#partMs = periodMs / parts;
    this.#parts = Array.from({ length: parts }, () => new Set<Ticking>());
  }

  /** How many are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** Ticks it from now on until it is no longer active. */
  watch(ticking: Ticking): void {
    if (!ticking.active) return;
    if (this.#watched.has(ticking)) return;
    this.#watched.add(ticking);
    this.#parts[this.#nextPart]?.add(ticking);
    this.#nextPart = (this.#nextPart + 1) % this.#parts.length;
    if (this.#cancel) return;
    this.#dueMs = this.clock.nowMs();
    this.#schedule();
  }

  /** Stops for good. */
  stop(): void {
    this.#watched.clear();
    for (const part of this.#parts) part.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const now = this.clock.nowMs();
    this.#dueMs += this.#partMs * Math.max(1, Math.ceil((now - this.#dueMs) / this.#partMs));
    this.#cancel = this.clock.after(this.#dueMs - now, () => this.#tick());
  }

  #tick(): void {
    this.#cancel = undefined;
    this.onLag(Math.max(0, this.clock.nowMs() - this.#dueMs));
    const due = this.#parts[this.#duePart] as Set<Ticking>;
    this.#duePart = (this.#duePart + 1) % this.#parts.length;
    for (const ticking of due) {
      try {
        ticking.tick();
        if (ticking.active) continue;
      } catch (error) {
        this.onError(error);
      }
      due.delete(ticking);
      this.#watched.delete(ticking);
    }
    if (this.size > 0) this.#schedule();
  }
}
