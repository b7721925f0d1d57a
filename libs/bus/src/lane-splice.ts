/** The part of a message that ordering needs. */
export interface Numbered {
  /** The writing owner's epoch. */
  readonly epoch: number;
  /** Counts up by one per (lane, epoch), from 1. */
  readonly seq: number;
  /** The owner says that it had a predecessor: what came before it is looked up even when it is the first one seen. */
  readonly succeeds?: boolean;
}

/** Why a message was not simply passed on as it came. */
export type LaneException = 'duplicates' | 'fenced' | 'repaired' | 'lost';

/** How a lane reaches the world. */
export interface LaneSplicePorts<M extends Numbered> {
  deliver(message: M, replayed: boolean): void;
  /**
   * Asks for what the stream holds of this lane after the last delivered message, to be given through
   * `stored` and `storedEnd`. At most one request is open at a time. `attempt` counts from 1.
   */
  requestRepair(attempt: number): void;
  /** Something out of the ordinary, to be counted. */
  onException(what: LaneException, count: number): void;
}

/** A stored message of the lane, or the marker by which a new owner fenced the lane, in stream order. */
export type StoredItem<M extends Numbered> = { message: M } | { fenceEpoch: number };

/**
 * Stored items of one lane with each owner's messages in the order of their numbers, which a writer's retries may have
 * changed in the stream. What lies behind a newer owner's mark stays behind it.
 */
export function inWrittenOrder<M extends Numbered>(items: readonly StoredItem<M>[]): StoredItem<M>[] {
  const ordered = [...items];
  let newest = 0;
  let slots: { at: number; message: M }[] = [];
  const settle = () => {
    const messages = slots.map(({ message }) => message).sort((a, b) => a.seq - b.seq);
    slots.forEach(({ at }, i) => (ordered[at] = { message: messages[i] as M }));
    slots = [];
  };
  items.forEach((item, at) => {
    const epoch = 'message' in item ? item.message.epoch : item.fenceEpoch;
    if (epoch > newest) {
      settle();
      newest = epoch;
    }
    if ('message' in item && epoch === newest) slots.push({ at, message: item.message });
  });
  settle();
  return ordered;
}

/**
 * Joins live delivery and the stream for one lane: one writer stage on one subject of one session.
 * Whatever the interleaving of live messages, backlog, duplicates, gaps and new owners, it delivers each
 * message once, in order, and nothing of an owner after a newer one's first mark. No I/O and no clock.
 */
export class LaneSplice<M extends Numbered> {
  private epoch = 0;
  private last = 0;
  private held: M[] | undefined;
  /** Stored messages behind a hole, which a writer's retry may still fill. */
  private parked: M[] = [];
  private attempt = 0;
  private toRaise = 0;
  /** Nothing was delivered yet. */
  private isFresh = true;
  private startsAnywhere = false;

  /**
   * @param live false while the backlog is being read: live messages are then held until `storedEnd`
   * @param maxHeld most live messages held during a repair; beyond it the newest are dropped, to be repaired again
   * @param maxAttempts how often the stream is asked about one gap before it is given up as lost
   */
  constructor(
    private readonly ports: LaneSplicePorts<M>,
    live: boolean,
    private readonly maxHeld = 2048,
    private readonly maxAttempts = 5,
  ) {
    if (!live) this.held = [];
  }

  /** Epoch and number of the newest delivered message; 0 before the first. */
  get position(): Numbered {
    return { epoch: this.epoch, seq: this.last };
  }

  /** Whether a repair is open. */
  get repairing(): boolean {
    return this.held !== undefined;
  }

  /**
   * Whether all that is asked is what a predecessor left: nothing is known to be missing, and a newer owner's mark was
   * seen elsewhere.
   */
  get isRaising(): boolean {
    return this.held?.length === 0 && this.parked.length === 0 && this.toRaise > this.epoch;
  }

  /** What came first was not asked for, or may be gone: an empty lane begins with whichever message comes. */
  startAnywhere(): void {
    this.startsAnywhere = true;
  }

  /**
   * Holds live messages from here on, because everything that the stream gained is about to be given through `stored`
   * and `storedEnd`.
   * @returns false when a backlog or repair is open already, which `storedEnd` is then left to
   */
  hold(): boolean {
    if (this.held) return false;
    this.held = [];
    this.attempt = 1;
    return true;
  }

  /** Takes a message from the live subscription. */
  live(message: M): void {
    if (this.held) {
      if (this.held.length < this.maxHeld) this.held.push(message);
      return;
    }
    if (this.isNext(message)) this.deliver(message, false);
    else if (this.isOld(message)) this.countOld(message);
    else this.startRepair(message);
  }

  /**
   * A new owner's mark was seen elsewhere: what its predecessor still wrote before the mark is fetched first. Marks
   * are raised for every owner, in order, from the first one on.
   */
  raise(epoch: number): void {
    if (epoch <= this.epoch) return;
    if (this.held) {
      this.toRaise = Math.max(this.toRaise, epoch);
    } else if (this.epoch === 0) {
      this.enterEpoch(epoch);
    } else {
      this.toRaise = epoch;
      this.startRepair();
    }
  }

  /** Takes one stored item, in stream order, while the backlog is read or a repair is open. */
  stored(item: StoredItem<M>): void {
    if ('fenceEpoch' in item) {
      if (item.fenceEpoch > this.epoch) this.passParked(item.fenceEpoch);
    } else if (item.message.epoch < this.epoch) {
      this.ports.onException('fenced', 1);
    } else if (!this.isOld(item.message)) {
      if (item.message.epoch > this.epoch && this.epoch > 0) this.passParked(item.message.epoch);
      if (this.mayBeFilled(item.message)) {
        this.parked.push(item.message);
      } else {
        this.deliverStored(item.message);
        this.deliverParked();
      }
    }
  }

  /** Everything stored has been given: goes live, or asks again when a gap remains. */
  storedEnd(): void {
    if (!this.held) return;
    if (this.toRaise > this.epoch && this.attempt > 0) this.passParked(this.toRaise);
    const parked = this.parked.splice(0);
    // They are in the stream and come again with the next answer.
    if (parked.length > 0 && this.attempt < this.maxAttempts) {
      this.askAgain();
      return;
    }
    this.held.unshift(...parked);
    this.release();
  }

  private askAgain(): void {
    this.attempt++;
    this.ports.requestRepair(this.attempt);
  }

  /** Something before it is missing that its writer may still be sending again. */
  private mayBeFilled(message: M): boolean {
    const agedOut = this.attempt === 0 && this.last === 0;
    return !agedOut && message.seq !== this.last + 1;
  }

  private deliverStored(message: M): void {
    const backlog = this.attempt === 0;
    this.skipTo(message, backlog);
    if (!backlog) this.ports.onException('repaired', 1);
    this.deliver(message, true);
  }

  private deliverParked(): void {
    if (this.parked.length === 0) return;
    this.parked = this.parked.filter((message) => !this.isOld(message)).sort((a, b) => a.seq - b.seq);
    while (this.parked[0]?.seq === this.last + 1) this.deliverStored(this.parked.shift() as M);
  }

  /** A newer owner's mark: what is missing before it can no longer become valid. */
  private passParked(epoch: number): void {
    for (const message of this.parked.splice(0).sort((a, b) => a.seq - b.seq)) {
      if (!this.isOld(message)) this.deliverStored(message);
    }
    this.enterEpoch(epoch);
  }

  private release(): void {
    // What a writer sent again arrives behind what it had sent after it.
    const held = inWrittenOrder((this.held ?? []).map((message) => ({ message }))).flatMap((item) =>
      'message' in item ? item.message : [],
    );
    while (held.length > 0) {
      const message = held[0] as M;
      if (this.isOld(message)) {
        this.countOld(message);
      } else if (this.isNext(message) || this.attempt >= this.maxAttempts) {
        this.skipTo(message, false);
        this.deliver(message, false);
      } else {
        this.held = held;
        this.askAgain();
        return;
      }
      held.shift();
    }
    this.held = undefined;
    this.attempt = 0;
    if (this.toRaise > this.epoch) this.enterEpoch(this.toRaise);
    this.toRaise = 0;
  }

  private startRepair(message?: M): void {
    this.held = message ? [message] : [];
    this.attempt = 1;
    this.ports.requestRepair(1);
  }

  /** The very next message of the same owner, or the first of the first owner seen. */
  private isNext({ epoch, seq, succeeds }: Numbered): boolean {
    if (epoch === this.epoch && seq === this.last + 1) return true;
    if (this.startsAnywhere && this.isFresh && epoch >= this.epoch) return !succeeds;
    return this.epoch === 0 && seq === 1 && !succeeds;
  }

  private isOld({ epoch, seq }: Numbered): boolean {
    return epoch < this.epoch || (epoch === this.epoch && seq <= this.last);
  }

  private countOld({ epoch }: Numbered): void {
    this.ports.onException(epoch < this.epoch ? 'fenced' : 'duplicates', 1);
  }

  private enterEpoch(epoch: number): void {
    this.epoch = epoch;
    this.last = 0;
  }

  /** Moves on to a message that does not follow directly, counting what is passed over but for an aged-out backlog. */
  private skipTo({ epoch, seq }: Numbered, backlog: boolean): void {
    const agedOut = this.last === 0 && (backlog || (this.startsAnywhere && this.isFresh));
    if (epoch > this.epoch) this.enterEpoch(epoch);
    const missing = seq - this.last - 1;
    if (missing > 0 && !agedOut) this.ports.onException('lost', missing);
  }

  private deliver(message: M, replayed: boolean): void {
    if (message.epoch > this.epoch) this.enterEpoch(message.epoch);
    this.last = message.seq;
    this.isFresh = false;
    this.ports.deliver(message, replayed);
  }
}
