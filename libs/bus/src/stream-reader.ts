import {
  AckPolicy,
  DeliverPolicy,
  type ConsumerConfig,
  type JetStreamManager,
  type StoredMsg,
} from '@nats-io/jetstream';
import {
  createInbox,
  nanos,
  nuid,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import { BusError } from './bus-error.js';
import { deliveryOf } from './delivery-subject.js';
import { before } from './patience.js';
import type { StreamMarks } from './stream-marks.js';

/** A message as a stream holds it. */
export interface StoredMessage {
  streamSeq: number;
  subject: string;
  /** When the stream stored it, in ms since 1970. */
  storedAtMs: number;
  data: Uint8Array;
  headers: MsgHdrs | undefined;
}

/** Where to begin reading. */
export interface ReadFrom {
  /** Only what was stored since, in ms since 1970. */
  sinceMs?: number;
}

/** How long nothing may come of what a stream says to hold. */
const STALL_MS = 3000;
/** How long a consumer outlives its reader: nobody has to tell the broker to remove it. */
const CONSUMER_IDLE_MS = 5000;
/** Messages asked for at a time: a server disconnects a client that it has too much waiting for. */
const FETCH_BATCH = 512;
/** Messages asked for one by one before a consumer is made for the rest: it costs a server as much as ten of them. */
const ONE_BY_ONE = 8;
/**
 * How long a cluster may take to make a consumer. It gives it to any of its servers, also to one that is gone (seen for
 * 90 s after it was killed), and then nobody answers.
 */
const CLUSTER_CONSUMER_MS = 500;

/**
 * Reads what a stream holds of one subject at this moment, which of most subjects is little: the first messages are
 * asked for one by one, and only what is more through a consumer. On a cluster the stream's leader is asked, because
 * another server may be a moment behind, and nothing would come to say so.
 */
export class StreamReader {
  constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
    private readonly marks?: StreamMarks,
  ) {}

  /**
   * Everything stored on a subject, in stream order.
   * @throws {BusError} `unavailable` when the broker does not answer
   */
  async read(stream: string, subject: string, { sinceMs }: ReadFrom = {}): Promise<StoredMessage[]> {
    const seqBefore = sinceMs === undefined ? 0 : this.marks?.before(stream, sinceMs);
    // Where a time begins, and what matches a pattern, is for the broker to find.
    if (seqBefore === undefined) return await this.consume(stream, subject, startAtTime(sinceMs as number));
    if (subject.includes('*')) return await this.consume(stream, subject, startAtSeq(seqBefore + 1));
    const all: StoredMessage[] = [];
    for (;;) {
      const next = () => (all.at(-1)?.streamSeq ?? seqBefore) + 1;
      for (let n = 0; n < ONE_BY_ONE; n++) {
        const message = await this.next(stream, subject, next());
        if (!message) return all;
        all.push(message);
      }
      // Without a consumer it goes on one by one, and then tries another.
      all.push(...(await this.consume(stream, subject, startAtSeq(next())).catch(() => [])));
    }
  }

  /**
   * The newest message stored on an exact subject by the word of the stream's leader, or undefined when there is none.
   * @throws {BusError} `unavailable` when the broker does not answer
   */
  async newest(stream: string, subject: string): Promise<StoredMessage | undefined> {
    return found(this.manager.streams.getMessage(stream, { last_by_subj: subject }), `${subject} from ${stream}`);
  }

  /**
   * The newest message stored on an exact subject, or undefined when there is none. Quicker than
   * {@link StreamReader.newest}, and on a cluster possibly a moment old.
   * @throws {BusError} `unavailable` when the broker does not answer
   */
  async last(stream: string, subject: string): Promise<StoredMessage | undefined> {
    return found(this.manager.direct.getMessage(stream, { last_by_subj: subject }), `${subject} from ${stream}`);
  }

  private get isCluster(): boolean {
    return this.connection.info?.cluster !== undefined;
  }

  /** The first message on an exact subject from this number on. @throws {BusError} `unavailable` */
  private next(stream: string, subject: string, seq: number): Promise<StoredMessage | undefined> {
    const { streams, direct } = this.manager;
    const query = { seq, next_by_subj: subject };
    const answer = this.isCluster ? streams.getMessage(stream, query) : direct.getMessage(stream, query);
    return found(answer, `${subject} from ${stream}`);
  }

  /** Everything from there on, through a consumer of its own. @throws {BusError} `unavailable` */
  private async consume(stream: string, subject: string, start: Partial<ConsumerConfig>): Promise<StoredMessage[]> {
    const name = nuid.next();
    const inbox = new Delivery(this.connection, `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`);
    try {
      const made = this.manager.consumers.add(stream, {
        name,
        filter_subject: subject,
        ack_policy: AckPolicy.None,
        mem_storage: true,
        inactive_threshold: nanos(CONSUMER_IDLE_MS),
        ...start,
      });
      const { num_pending } = await (this.isCluster ? before(performance.now() + CLUSTER_CONSUMER_MS, made) : made);
      return await inbox.take(num_pending, `${subject} of ${stream}`);
    } catch (cause) {
      if (cause instanceof BusError) throw cause;
      throw unreadable(`${subject} from ${stream}`, cause);
    } finally {
      inbox.close();
      // No answer is asked for: without it the consumer goes by itself.
      this.connection.publish(`$JS.API.CONSUMER.DELETE.${stream}.${name}`);
    }
  }
}

/** Messages of one consumer, asked for in batches and sent to an inbox of its own. */
class Delivery {
  private readonly inbox = createInbox();
  private readonly found: StoredMessage[] = [];
  private subscription: Subscription | undefined;
  private wanted = 0;
  private wake: () => void = () => undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly requestSubject: string,
  ) {}

  /** The first `count` messages. @throws {BusError} `unavailable` when they stop coming */
  async take(count: number, what: string): Promise<StoredMessage[]> {
    if (count === 0) return [];
    this.subscription = this.connection.subscribe(this.inbox, {
      callback: (error, message) => {
        if (!error) this.onMessage(message);
      },
    });
    while (this.found.length < count) {
      const batch = Math.min(count - this.found.length, FETCH_BATCH);
      this.wanted = this.found.length + batch;
      const request = JSON.stringify({ batch, expires: nanos(STALL_MS) });
      this.connection.publish(this.requestSubject, request, { reply: this.inbox });
      await this.wantedOrStalled();
      if (this.found.length < this.wanted) {
        throw new BusError('unavailable', `the broker has not given everything of ${what}`, true);
      }
    }
    return this.found;
  }

  close(): void {
    if (this.subscription && !this.subscription.isClosed()) this.subscription.unsubscribe();
  }

  private onMessage({ reply, subject, data, headers }: Msg): void {
    const delivery = deliveryOf(reply);
    // Anything else is the broker's word on the request itself: whether messages come says it as well.
    if (!delivery) return;
    this.found.push({ ...delivery, subject, data, headers });
    if (this.found.length >= this.wanted) this.wake();
  }

  /** Ends early when nothing has come for a while. */
  private wantedOrStalled(): Promise<void> {
    return new Promise((resolve) => {
      let foundBefore = this.found.length;
      const timer = setInterval(() => {
        if (this.found.length === foundBefore) this.wake();
        foundBefore = this.found.length;
      }, STALL_MS);
      this.wake = () => {
        clearInterval(timer);
        resolve();
      };
    });
  }
}

function storedMessage({ seq, subject, time, data, header }: StoredMsg): StoredMessage {
  return { streamSeq: seq, subject, storedAtMs: time.getTime(), data, headers: header };
}

function startAtSeq(seq: number): Partial<ConsumerConfig> {
  return seq <= 1
    ? { deliver_policy: DeliverPolicy.All }
    : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: seq };
}

function startAtTime(sinceMs: number): Partial<ConsumerConfig> {
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(sinceMs).toISOString() };
}

/** A message asked for by itself, or undefined when there is none. @throws {BusError} `unavailable` */
async function found(answer: Promise<StoredMsg | null>, what: string): Promise<StoredMessage | undefined> {
  try {
    const message = await answer;
    return message ? storedMessage(message) : undefined;
  } catch (cause) {
    if (isNotFound(cause)) return undefined;
    throw unreadable(what, cause);
  }
}

function unreadable(what: string, cause: unknown): BusError {
  return new BusError('unavailable', `cannot read ${what}`, true, { cause });
}

/** A stream that is not there is no empty one: it was in memory, and is being made again. */
function isNotFound(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof message === 'string' && /stream not found/i.test(message)) return false;
  return code === 404 || (typeof message === 'string' && /no message found|message not found/i.test(message));
}
