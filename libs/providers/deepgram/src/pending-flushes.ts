/** A request for a final that waits for its answer. */
interface Pending<Flush> {
  flush: Flush;
  timer: NodeJS.Timeout;
}

/** Requests for finals, oldest first, none of which waits forever. */
export class PendingFlushes<Flush> {
  private pending: Pending<Flush>[] = [];

  /** @param onLate called when one has waited for so long */
  constructor(
    private readonly timeoutMs: number,
    private readonly onLate: () => void,
  ) {}

  get oldest(): Flush | undefined {
    return this.pending[0]?.flush;
  }

  get all(): Flush[] {
    return this.pending.map(({ flush }) => flush);
  }

  add(flush: Flush): void {
    this.pending.push({ flush, timer: setTimeout(this.onLate, this.timeoutMs) });
  }

  /** The oldest is answered. */
  shift(): void {
    clearTimeout(this.pending.shift()?.timer);
  }

  /** None will be answered. */
  clear(): void {
    while (this.pending.length > 0) this.shift();
  }
}
