/** A session that may be what crashed its owners. */
export interface Suspect {
  /** Owners that crashed with it, in a row; the fewer, the sooner its turn. */
  crashes: number;
  /** How long it is left alone after it was opened. */
  aloneMs: number;
  /** Aborted when the session ends, which gives its place to the next. */
  signal: AbortSignal;
  open(): Promise<void>;
}

/**
 * Opens a replica's suspect sessions one at a time, so that a crash can be blamed on one of them. The queue is as long
 * as the replica's capacity at most, because whoever waits is one of its sessions.
 */
export class Probation {
  private readonly queue: { crashes: number; begin: () => void }[] = [];
  private isTaken = false;

  /** How many wait for their turn. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * Waits for this one's turn, opens it, and keeps the place for its time alone. Resolves when that is over, or at
   * once when the session ends; one that ends before its turn is not opened. Rejects as `open` does.
   */
  async pass({ crashes, aloneMs, signal, open }: Suspect): Promise<void> {
    if (!(await this.turn(crashes, signal))) return;
    try {
      if (signal.aborted) return;
      await open();
      await untilAborted(aloneMs, signal);
    } finally {
      this.next();
    }
  }

  /** Resolves to true when the place is the caller's. */
  private turn(crashes: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (!this.isTaken) {
      this.isTaken = true;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const leave = () => {
        this.queue.splice(this.queue.indexOf(entry), 1);
        resolve(false);
      };
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const entry = { crashes, begin };
      this.queue.push(entry);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  private next(): void {
    const fewest = Math.min(...this.queue.map(({ crashes }) => crashes));
    const index = this.queue.findIndex(({ crashes }) => crashes === fewest);
    if (index < 0) this.isTaken = false;
    else this.queue.splice(index, 1)[0]?.begin();
  }
}

function untilAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
