import type { RestCommand, WaitCommand } from '@parley/session-log';
import type { WallClock } from './wall-clock.js';

/** Wakes one conversation when the time comes that a decision waits for. */
export class Alarms {
  private cancelRest = () => {};
  /** What the time is measured for that speech during a reply takes. */
  private waiting: { utterance: number; forWhat: string; cancel: () => void } | undefined;

  constructor(private readonly clock: WallClock) {}

  /** There is nothing to do before a time, or until this is called again or {@link stir} is. */
  rest({ untilMs }: RestCommand, wake: () => void): void {
    this.cancelRest();
    this.cancelRest = this.clock.after(Math.max(1, untilMs - this.clock.nowMs()), wake);
  }

  /** Something has happened: what is to be waited for is decided anew. */
  stir(): void {
    this.cancelRest();
  }

  /** Waits for speech to last or for its words; when that is waited for already, for the rest of the time. */
  wait({ utterance, forWhat, ms }: WaitCommand, wake: () => void): void {
    if (this.waiting?.utterance === utterance && this.waiting.forWhat === forWhat) return;
    this.waiting?.cancel();
    this.waiting = { utterance, forWhat, cancel: this.clock.after(ms, wake) };
  }

  close(): void {
    this.cancelRest();
    this.waiting?.cancel();
  }
}
