import type { SessionWindow } from './session-window.js';

/** Most windows that are judged together: about 5 ms of one core. */
export const MAX_WINDOWS = 64;

/** Judges windows of several sessions together, one batch at a time. */
export interface BatchNetwork {
  /**
   * Judges at most {@link MAX_WINDOWS} windows of different sessions, and updates what the sessions remember.
   * @returns probabilities of speech, in their order, valid until the next call
   */
  judge(windows: readonly SessionWindow[]): Promise<ArrayLike<number>>;
}

/** A session whose next window is to be judged. */
export interface DueSession {
  /** Stays as it is until it has been judged. */
  readonly window: SessionWindow;
  /** Nobody waits for it any more. */
  readonly closed: boolean;
  /** May hand in the session's next window. Must not throw. */
  onProbability(probability: number): void;
}

/** Runs something once: at once when the event loop comes to it, or after a delay. */
export type Schedule = (run: () => void, delayMs: number) => void;

/** How windows are gathered. */
export interface MicroBatchesOptions {
  /** Told of each batch: its windows, and how long the first of them was due until it was judged. */
  onBatch?: (windows: number, waitedMs: number) => void;
  /** Told of each batch that could not be judged: its windows count as no speech. */
  onFailure?: (windows: number, error: unknown) => void;
  now?: () => number;
  schedule?: Schedule;
}

/** Windows that come within this are judged together, unless nothing was judged for as long. */
const TICK_MS = 10;

/**
 * Gathers the windows that are due, of all sessions, and has them judged in batches, one after another. A window that comes
 * when nothing was judged lately is judged in the next turn of the event loop; otherwise at the next tick. Sessions that have
 * fallen behind do not wait for ticks.
 */
export class MicroBatches {
  private readonly due: { session: DueSession; sinceMs: number }[] = [];
  private readonly now: () => number;
  private readonly schedule: Schedule;
  /** Or a batch is being judged. */
  private isScheduled = false;
  private lastTickAtMs = -Infinity;

  constructor(
    private readonly network: BatchNetwork,
    private readonly options: MicroBatchesOptions = {},
  ) {
    this.now = options.now ?? (() => performance.now());
    this.schedule = options.schedule ?? scheduleOnEventLoop;
  }

  /** Hands in a session's next window; the one before must have been judged. */
  add(session: DueSession): void {
    const nowMs = this.now();
    this.due.push({ session, sinceMs: nowMs });
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.schedule(this.tick, Math.max(0, this.lastTickAtMs + TICK_MS - nowMs));
  }

  private readonly tick = (): void => void this.judgeDue();

  private async judgeDue(): Promise<void> {
    const taken = this.due.splice(0, MAX_WINDOWS);
    const batch = taken.filter(({ session }) => !session.closed);
    const probabilities = batch.length > 0 ? await this.judge(batch) : [];
    const cameMeanwhile = this.due.length;
    batch.forEach(({ session }, index) => session.onProbability(probabilities[index]!));
    this.lastTickAtMs = this.now();
    this.isScheduled = this.due.length > 0;
    const isBehind = taken.length === MAX_WINDOWS || this.due.length > cameMeanwhile;
    if (this.isScheduled) this.schedule(this.tick, isBehind ? 0 : TICK_MS);
  }

  private async judge(batch: { session: DueSession; sinceMs: number }[]): Promise<ArrayLike<number>> {
    try {
      const probabilities = await this.network.judge(batch.map(({ session }) => session.window));
      this.options.onBatch?.(batch.length, this.now() - batch[0]!.sinceMs);
      return probabilities;
    } catch (error) {
      this.options.onFailure?.(batch.length, error);
      return batch.map(() => 0);
    }
  }
}

function scheduleOnEventLoop(run: () => void, delayMs: number): void {
  if (delayMs > 0) setTimeout(run, delayMs);
  else setImmediate(run);
}
