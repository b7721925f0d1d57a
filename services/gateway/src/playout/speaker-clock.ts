import type { Clock } from '../clock.js';

/** The time at the caller's speaker, and until when what it was sent will last. Time stands still while it is held. */
export class SpeakerClock {
  /** When the caller will have played all that was sent. */
  #playedOutMs = -Infinity;
  /** Voice to be sent that the caller has had by another way, and for which its speaker needs no time. */
  #knownMs = 0;
  #frozenMs: number | undefined;
  /** Since when somebody speaks over it; with `holds` the caller's speaker stands still as well. */
  #paused: { atMs: number; holds: boolean } | undefined;

  constructor(private readonly clock: Pick<Clock, 'nowMs'>) {}

  /** The time at the speaker. */
  nowMs(): number {
    return this.#frozenMs ?? (this.#paused?.holds ? this.#paused.atMs : this.clock.nowMs());
  }

  /** When the caller will have played all that was sent. */
  get playedOutMs(): number {
    return this.#playedOutMs;
  }

  /** Nothing is to be sent. */
  get isStill(): boolean {
    return this.#frozenMs !== undefined || this.#paused !== undefined;
  }

  get isFrozen(): boolean {
    return this.#frozenMs !== undefined;
  }

  get isPaused(): boolean {
    return this.#paused !== undefined;
  }

  /** It is paused and plays nothing meanwhile. */
  get isHeld(): boolean {
    return this.#paused?.holds === true;
  }

  /** So much of what will be sent takes no time. To be called before anything is sent. */
  skip(knownMs: number): void {
    this.#knownMs = knownMs;
  }

  /** Voice is sent. */
  send(durationMs: number, now: number): void {
    const knownMs = Math.min(this.#knownMs, durationMs);
    this.#knownMs -= knownMs;
    this.#playedOutMs = Math.max(this.#playedOutMs, now) + durationMs - knownMs;
  }

  /** It has nothing to play any more. */
  empty(now: number): void {
    this.#playedOutMs = now;
  }

  /** Time does not pass from now on. */
  freeze(): void {
    this.#frozenMs ??= this.nowMs();
  }

  /** @param holds it plays nothing; otherwise it plays what it has */
  pause(holds: boolean): void {
    this.#paused = { atMs: this.clock.nowMs(), holds };
  }

  /** Goes on. @returns when */
  unpause(): number {
    const now = this.clock.nowMs();
    if (!this.#paused) return now;
    const { atMs, holds } = this.#paused;
    this.#playedOutMs = holds ? this.#playedOutMs + now - atMs : Math.max(this.#playedOutMs, now);
    this.#paused = undefined;
    return now;
  }

  /** The pause is over as what was paused is. */
  dropPause(): void {
    this.#paused = undefined;
  }
}
