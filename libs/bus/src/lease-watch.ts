/** What a worker may assume of its leases. */
export type LeaseState =
  /** Renewed in time: nobody else can have the sessions. */
  | 'sure'
  /** Not renewed in time. If the broker was there for others, they may have the sessions; if it was away, nobody has. */
  | 'doubtful'
  /** In doubt for too long. */
  | 'expired';

/**
 * Judges leases from round trips to the broker. Pure: times are given, in ms of one clock. A stall of this process
 * and an outage of the broker look the same from here and are judged the same.
 */
export class LeaseWatch {
  private answeredAt: number;
  private troubleAt = Number.NEGATIVE_INFINITY;

  /** @param doubtMs how long leases may stay in doubt */
  constructor(
    private readonly leaseMs: number,
    private readonly doubtMs: number,
    now: number,
  ) {
    this.answeredAt = now;
  }

  /** The broker has answered a renewal that was sent at this time. */
  answered(sentAt: number): void {
    this.answeredAt = Math.max(this.answeredAt, sentAt);
  }

  /** The broker refused or did not answer. */
  missed(now: number): void {
    this.troubleAt = now;
  }

  /** A margin before the lease's end is in doubt already, because renewals travel. */
  state(now: number): LeaseState {
    const silentMs = now - this.answeredAt;
    if (silentMs > this.leaseMs + this.doubtMs) return 'expired';
    return silentMs > this.leaseMs * 0.9 ? 'doubtful' : 'sure';
  }

  /**
   * Whether the broker was in trouble within the last lease: its redeliveries then say nothing about owners, who had
   * no way to renew.
   */
  afterTrouble(now: number): boolean {
    if (now - this.answeredAt > this.leaseMs * 0.9) this.troubleAt = now;
    return now - this.troubleAt <= this.leaseMs;
  }
}
