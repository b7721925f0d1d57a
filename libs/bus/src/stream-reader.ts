import { AckPolicy, DeliverPolicy, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { nanos, nuid, type MsgHdrs } from '@nats-io/transport-node';
import { BusError } from './bus-error.js';

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
  /** First stream sequence wanted. @defaultValue 1 */
  seq?: number;
  /** Only what was stored since, in ms since 1970; instead of `seq`. */
  sinceMs?: number;
}

/** Messages that are fetched one by one before a consumer, which costs more to make, takes over. */
const DIRECT_GETS = 2;
const FETCH_EXPIRES_MS = 3000;
/** Messages asked for at a time: a server disconnects a client that it has too much waiting for. */
const FETCH_BATCH = 512;

/** Reads what a stream holds of one subject at this moment. */
export class StreamReader {
  constructor(
    private readonly js: JetStreamClient,
    private readonly manager: JetStreamManager,
  ) {}

  /**
   * Everything stored on a subject, in stream order; with `sinceMs` it may have wildcards.
   * @throws {BusError} `unavailable` when the broker does not answer
   */
  async read(stream: string, subject: string, from: ReadFrom = {}): Promise<StoredMessage[]> {
    try {
      if (from.sinceMs !== undefined) return await this.consume(stream, subject, from);
      const found: StoredMessage[] = [];
      let seq = from.seq ?? 1;
      while (found.length < DIRECT_GETS) {
        const message = await this.manager.direct.getMessage(stream, { seq, next_by_subj: subject });
        if (!message) return found;
        const { seq: streamSeq, subject: on, time, data, header: headers } = message;
        found.push({ streamSeq, subject: on, storedAtMs: time.getTime(), data, headers });
        seq = message.seq + 1;
      }
      return [...found, ...(await this.consume(stream, subject, { seq }))];
    } catch (cause) {
      if (isNotFound(cause)) return [];
      if (cause instanceof BusError) throw cause;
      throw new BusError('unavailable', `cannot read ${subject} from ${stream}`, true, { cause });
    }
  }

  /**
   * The newest message stored on an exact subject, or undefined when there is none.
   * @throws {BusError} `unavailable` when the broker does not answer
   */
  async last(stream: string, subject: string): Promise<StoredMessage | undefined> {
    try {
      const message = await this.manager.direct.getMessage(stream, { last_by_subj: subject });
      if (!message) return undefined;
      const { seq: streamSeq, subject: on, time, data, header: headers } = message;
      return { streamSeq, subject: on, storedAtMs: time.getTime(), data, headers };
    } catch (cause) {
      if (isNotFound(cause)) return undefined;
      throw new BusError('unavailable', `cannot read ${subject} from ${stream}`, true, { cause });
    }
  }

  private async consume(stream: string, subject: string, from: ReadFrom): Promise<StoredMessage[]> {
    const info = await this.manager.consumers.add(stream, {
      name: nuid.next(),
      ack_policy: AckPolicy.None,
      mem_storage: true,
      inactive_threshold: nanos(10_000),
      filter_subject: subject,
      ...(from.sinceMs === undefined
        ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.seq ?? 1 }
        : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(from.sinceMs).toISOString() }),
    });
    try {
      const found: StoredMessage[] = [];
      if (info.num_pending === 0) return found;
      const consumer = this.js.consumers.getConsumerFromInfo(info);
      while (found.length < info.num_pending) {
        const wanted = Math.min(info.num_pending - found.length, FETCH_BATCH);
        const messages = await consumer.fetch({ max_messages: wanted, expires: FETCH_EXPIRES_MS });
        const foundBefore = found.length;
        for await (const message of messages) {
          const { seq: streamSeq, subject: on, timestampNanos, data, headers } = message;
          found.push({ streamSeq, subject: on, storedAtMs: Number(timestampNanos / 1_000_000n), data, headers });
        }
        if (found.length === foundBefore) {
          throw new BusError('unavailable', `${stream} has not given everything of ${subject}`, true);
        }
      }
      return found;
    } finally {
      // Not waited for: without it the consumer goes by itself.
      this.manager.consumers.delete(stream, info.name).catch(() => undefined);
    }
  }
}

/** A stream that is not there is no empty one: it was in memory, and is being made again. */
function isNotFound(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof message === 'string' && /stream not found/i.test(message)) return false;
  return code === 404 || (typeof message === 'string' && /no message found|message not found/i.test(message));
}
