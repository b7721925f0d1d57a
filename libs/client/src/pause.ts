import type { Clock } from './clock.js';

/** A wait that can be cut short; one at a time. */
export class Pause {
  #wake: () => void = () => {};

  constructor(private readonly clock: Clock) {}

  /** Resolves after a delay, or when it is cut short. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Ends the wait at once, if there is one. */
  wake(): void {
    this.#wake();
  }
}
