import type { MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node';
import { createInbox } from '@nats-io/transport-node';
import { BusError } from './bus-error.js';
import type { BusMetrics } from './bus-metrics.js';
import { RecentFrames } from './recent-frames.js';
import { RefusalGate } from './refusal-gate.js';
import type { StreamMarks } from './stream-marks.js';

/** How an {@link AckWindow} waits and gives up. */
export interface AckWindowOptions {
  /** How long the stream may take to answer before a message is sent again. @defaultValue 1000 */
  ackTimeoutMs?: number;
  /**
   * How long a message is retried. Only time in which the connection is up counts, and none in which this process
   * stood still. Longer than a cluster takes to elect a stream's new leader. @defaultValue 15000
   */
  deadlineMs?: number;
  /** How long a message is kept at most, the broker's absence included. @defaultValue 60000 */
  outageMs?: number;
  /** Most messages without an answer, for the whole process; frames have three quarters of it. @defaultValue 16384 */
  maxPending?: number;
  /** Most bytes without an answer, for the whole process; frames have three quarters of it. @defaultValue 64 MiB */
  maxPendingBytes?: number;
  /**
   * How long before the broker's absence a frame may have been stored to be sent again after it: what a broker without
   * siblings holds in memory is gone with it, also what it had not passed on yet. @defaultValue 1000
   */
  recentMs?: number;
  inboxPrefix?: string;
  /** Takes note of what streams say to have stored. */
  marks?: StreamMarks;
}

/** Why a message was given up: label `reason` of `parley_bus_publish_failed_total`. */
export type GiveUpReason = 'deadline' | 'outage' | 'window_full' | 'closed';

/** The part of a connection that is needed. */
export type AckConnection = Pick<NatsConnection, 'publish' | 'subscribe' | 'isClosed'>;

interface Message {
  subject: string;
  payload: Uint8Array;
  headers: MsgHdrs | undefined;
  what: 'event' | 'frame';
  settle: (error?: BusError) => void;
}

interface Pending extends Message {
  /** When it was given, in ms of `now`. */
  givenAt: number;
  /** When it was given and last sent, in ms of connected time. */
  firstSentAt: number;
  sentAt: number;
}

/** Room that only events may use, so that voice cannot crowd them out. */
const FRAMES_SHARE = 0.75;

/**
 * How long a frame that may wait is held, so that those of many callers leave in one write: for the broker and for
 * whoever reads, waking up costs more than a frame does.
 */
const GATHER_MS = 10;

/**
 * Publishes into streams and watches the acknowledgements on one shared inbox. What is refused or not answered
 * is sent again, the same bytes and message id, until its deadline. While the broker is away (`hold`) everything
 * waits here, bounded, and is sent in order when it is back (`resume`). One per connection.
 */
export class AckWindow {
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private readonly pending = new Map<number, Pending>();
  private readonly timer: NodeJS.Timeout;
  private readonly limits: Required<Omit<AckWindowOptions, 'inboxPrefix' | 'marks'>>;
  private readonly marks: StreamMarks | undefined;
  private readonly gate: RefusalGate;
  /** What waits to leave together, in order. */
  private gathered: number[] = [];
  private gatherTimer: NodeJS.Timeout | undefined;
  private pendingBytes = 0;
  /** Frames that were stored a moment ago. */
  private readonly recent: RecentFrames;
  private nextToken = 1;
  private held = false;
  private connectedMs = 0;
  private sweptAt: number;

  constructor(
    private readonly connection: AckConnection,
    private readonly metrics: BusMetrics,
    options: AckWindowOptions = {},
    private readonly now: () => number = () => performance.now(),
  ) {
    this.limits = {
      ackTimeoutMs: options.ackTimeoutMs ?? 1000,
      deadlineMs: options.deadlineMs ?? 15_000,
      outageMs: options.outageMs ?? 60_000,
      recentMs: options.recentMs ?? 1000,
      maxPending: options.maxPending ?? 16_384,
      maxPendingBytes: options.maxPendingBytes ?? 64 * 1024 * 1024,
    };
    this.recent = new RecentFrames(this.limits.recentMs);
    this.gate = new RefusalGate(
      () => {
        const [first] = this.frames();
        if (first) this.retry(...first);
        return first?.[0];
      },
      () => this.frames().forEach(([token, entry]) => this.retry(token, entry)),
    );
    this.sweptAt = this.now();
    this.marks = options.marks;
    this.inbox = createInbox(options.inboxPrefix);
    this.subscription = connection.subscribe(`${this.inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.onAck(Number(message.subject.slice(this.inbox.length + 1)), message.data);
      },
    });
    this.timer = setInterval(() => this.sweep(), Math.max(20, this.limits.ackTimeoutMs / 4));
    this.timer.unref();
  }

  /** Messages sent and not yet answered. */
  get size(): number {
    return this.pending.size;
  }

  /**
   * Sends at once, or when the broker is back. `settle` is called once: without an error when the stream has stored
   * the message, with `publish_failed` when it has not by the deadline or the window is full.
   * @param options `gather`: it may wait {@link GATHER_MS} for others, and keeps its order among those that do
   */
  send(
    what: 'event' | 'frame',
    subject: string,
    payload: Uint8Array,
    settle: (error?: BusError) => void,
    { headers, gather = false }: { headers?: MsgHdrs; gather?: boolean } = {},
  ): void {
    const share = what === 'frame' ? FRAMES_SHARE : 1;
    const { maxPending, maxPendingBytes } = this.limits;
    if (this.pending.size >= maxPending * share || this.pendingBytes + payload.length > maxPendingBytes * share) {
      this.metrics.publishFailed.inc({ kind: what, reason: 'window_full' });
      settle(new BusError('publish_failed', `${this.pending.size} messages wait for the broker already`, true));
      return;
    }
    const token = this.nextToken++;
    const entry = this.keep(token, { subject, payload, headers, what, settle });
    if (this.held || (this.gate.isShut && what === 'frame')) return;
    if (gather) this.gather(token);
    else this.transmit(token, entry);
  }

  /** Sends what was gathered now: whatever is sent next is behind it. */
  flush(): void {
    clearTimeout(this.gatherTimer);
    this.gatherTimer = undefined;
    for (const token of this.gathered.splice(0)) {
      const entry = this.pending.get(token);
      if (entry) this.transmit(token, entry);
    }
  }

  /** The broker is away: nothing is sent and no connected time passes. */
  hold(): void {
    this.tick();
    this.held = true;
    this.gate.forget();
    this.forgetGathered();
    this.recent.forgetBefore(this.now() - this.limits.recentMs);
  }

  /** The broker is back: sends everything that has no answer, in the order in which it was given. */
  resume(): void {
    if (!this.held) return;
    this.tick();
    this.held = false;
    this.recall();
    this.retryAll();
  }

  /** Sends everything that has no answer at once, because what refused it is there again. */
  retryAll(): void {
    if (this.held) return;
    this.forgetGathered();
    this.gate.forget();
    for (const [token, entry] of this.pending) this.retry(token, entry);
  }

  /** Gives up what is over its deadline and sends again what has no answer; called by a timer. */
  sweep(): void {
    this.tick();
    const now = this.now();
    for (const [token, entry] of this.pending) {
      if (now - entry.givenAt >= this.limits.outageMs) this.fail(token, entry, 'outage');
      else if (this.connectedMs - entry.firstSentAt >= this.limits.deadlineMs) this.fail(token, entry, 'deadline');
      else if (this.mayLeave(entry) && this.connectedMs - entry.sentAt >= this.limits.ackTimeoutMs) {
        this.retry(token, entry);
      }
    }
  }

  /** Stops watching; whatever is pending fails. */
  close(): void {
    clearInterval(this.timer);
    this.forgetGathered();
    this.gate.forget();
    if (!this.connection.isClosed()) this.subscription.unsubscribe();
    for (const [token, entry] of this.pending) this.fail(token, entry, 'closed');
  }

  /** Connected time goes on, but by one pause at most: after a stall of this process the answers are still unread. */
  private tick(): void {
    const now = this.now();
    if (!this.held) this.connectedMs += Math.min(now - this.sweptAt, this.limits.ackTimeoutMs);
    this.sweptAt = now;
  }

  private gather(token: number): void {
    this.gathered.push(token);
    this.gatherTimer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** It is among what is pending, and sent with that. */
  private forgetGathered(): void {
    clearTimeout(this.gatherTimer);
    this.gatherTimer = undefined;
    this.gathered = [];
  }

  private retry(token: number, entry: Pending): void {
    entry.sentAt = this.connectedMs;
    this.metrics.publishRetried.inc({ kind: entry.what });
    this.transmit(token, entry);
  }

  private transmit(token: number, { subject, payload, headers }: Pending): void {
    try {
      const reply = `${this.inbox}.${token}`;
      this.connection.publish(subject, payload, headers ? { reply, headers } : { reply });
    } catch {
      // A closed or draining connection: the sweep retries or gives up, and counts it.
    }
  }

  private onAck(token: number, data: Uint8Array): void {
    const entry = this.pending.get(token);
    if (!entry) return;
    const answer = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
    if (isStored(answer)) {
      this.note(answer);
      this.remove(token, entry);
      if (entry.what === 'frame') this.recent.add(entry.subject, entry.payload, this.now());
      entry.settle();
      this.gate.taken(token);
    } else {
      // Refused: left in the window, and sent again after a pause.
      this.metrics.publishRefused.inc({ kind: entry.what });
      if (entry.what === 'frame' && !this.held) this.gate.shut();
    }
  }

  private mayLeave({ what }: Pending): boolean {
    return !this.held && !(this.gate.isShut && what === 'frame');
  }

  private frames(): [number, Pending][] {
    return [...this.pending].filter(([, { what }]) => what === 'frame');
  }

  private note(answer: string): void {
    const [, stream, seq] = /"stream":\s*"([^"]+)",\s*"seq":\s*(\d+)/.exec(answer) ?? [];
    if (stream && this.marks?.isDue(stream)) this.marks.note(stream, Number(seq));
  }

  /** What was stored a moment before the broker went is waiting again, ahead of all else; readers pass over what they have. */
  private recall(): void {
    const waiting = [...this.pending];
    this.pending.clear();
    for (const { subject, payload } of this.recent.takeAll()) {
      const again = { subject, payload, headers: undefined, what: 'frame', settle: () => undefined } as const;
      this.keep(this.nextToken++, again);
    }
    for (const [token, entry] of waiting) this.pending.set(token, entry);
  }

  private keep(token: number, message: Message): Pending {
    const sentAt = this.connectedMs;
    const entry: Pending = { ...message, givenAt: this.now(), firstSentAt: sentAt, sentAt };
    this.pending.set(token, entry);
    this.pendingBytes += message.payload.length;
    return entry;
  }

  private fail(token: number, entry: Pending, reason: GiveUpReason): void {
    this.remove(token, entry);
    this.metrics.publishFailed.inc({ kind: entry.what, reason });
    entry.settle(new BusError('publish_failed', `not stored, ${WHY[reason]}: ${entry.subject}`, true));
  }

  private remove(token: number, entry: Pending): void {
    this.pending.delete(token);
    this.pendingBytes -= entry.payload.length;
  }
}

const WHY: Record<GiveUpReason, string> = {
  deadline: 'the stream did not take it in time',
  outage: 'the broker was away for too long',
  window_full: 'too much waits for the broker',
  closed: 'the bus was closed',
};

/** An acknowledgement is `{"stream":…,"seq":…}`; a refusal has `"error"` and an empty one means that nobody listens. */
function isStored(answer: string): boolean {
  return answer.length >= 2 && !answer.includes('"error"');
}
