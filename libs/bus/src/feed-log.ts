import { kindOf, subjects, type AudioDirection, type EventKind } from '@parley/contracts';
import { MARK_KINDS, isMark, type EventMessage, type FeedDecoder, type FrameMessage } from './feed-message.js';
import { inWrittenOrder, type Numbered, type StoredItem } from './lane-splice.js';
import type { VoiceSince } from './session-bus.js';
import type { StreamReader } from './stream-reader.js';
import { STREAMS } from './streams.js';

/** A guess of when voice was stored that was too late is moved back by this factor; beyond the longest all is read. */
const GUESS_GROWTH = 4;
const LONGEST_GUESS_MS = 60_000;

/** What a read of the streams found, each part in stream order. */
export interface Stored {
  events: EventMessage[];
  frames: StoredItem<FrameMessage>[];
}

/** What the streams hold of one session, each read in stream order. @throws {BusError} `unavailable` from every read */
export class FeedLog {
  constructor(
    private readonly reader: StreamReader,
    private readonly sessionId: string,
    private readonly decoder: FeedDecoder,
  ) {}

  /** Events of these kinds, all of them or those stored since then, in ms since 1970. */
  async events(kinds: readonly EventKind[], sinceMs?: number): Promise<EventMessage[]> {
    const from = sinceMs === undefined ? {} : { sinceMs };
    const read = async (kind: EventKind) => {
      const stored = await this.reader.read(STREAMS.events, subjects.event(kind, this.sessionId), from);
      return stored.map((message) => ({ kind, message }));
    };
    // Marks last: whatever was found behind a mark is then found together with it.
    const others = await Promise.all(kinds.filter((kind) => !MARK_KINDS.has(kind)).map(read));
    const marks = await Promise.all(kinds.filter((kind) => MARK_KINDS.has(kind)).map(read));
    const perKind = [...others, ...marks];
    return perKind
      .flat()
      .sort((a, b) => a.message.streamSeq - b.message.streamSeq)
      .flatMap(
        ({ kind, message }) => this.decoder.event(kind, message.data, message.headers?.get('traceparent')) ?? [],
      );
  }

  /** Frames of one direction, all of them or those stored since then, in ms since 1970. */
  async frames(direction: AudioDirection, sinceMs?: number): Promise<StoredItem<FrameMessage>[]> {
    const from = sinceMs === undefined ? {} : { sinceMs };
    const stored = await this.reader.read(STREAMS.audio, subjects.audio(direction, this.sessionId), from);
    return stored.flatMap(({ data }) => {
      const message = this.decoder.frame(data);
      return message ? [{ message }] : [];
    });
  }

  /** Events of these kinds, and frames when a direction is given, stored since then, in ms since 1970. */
  async gained(kinds: readonly EventKind[], direction: AudioDirection | undefined, sinceMs: number): Promise<Stored> {
    const [events, frames] = await Promise.all([
      this.events(kinds, sinceMs),
      direction ? this.frames(direction, sinceMs) : [],
    ]);
    return { events, frames };
  }

  /** Voice from where it is needed: a guess of when that was stored is tried first, because a stream holds minutes. */
  async voice(direction: AudioDirection, since: VoiceSince | undefined): Promise<StoredItem<FrameMessage>[]> {
    const now = Date.now();
    for (let backMs = since ? Math.max(0, now - since.atMs) : Infinity; ; backMs *= GUESS_GROWTH) {
      const isAll = backMs > LONGEST_GUESS_MS;
      const frames = await this.frames(direction, isAll ? undefined : now - backMs);
      const first = frames.find((item) => 'message' in item && !item.message.fence);
      if (isAll || since?.isEnough(first && 'message' in first ? first.message : undefined)) return frames;
    }
  }

  /**
   * Whether the stream has nothing newer of this kind: one cheap question, for which a whole read is not needed when
   * sessions change hands by the dozen. False when that cannot be told, which marks, of several writers, never can.
   */
  async isNewest(kind: EventKind, { epoch, seq }: Numbered): Promise<boolean> {
    if (MARK_KINDS.has(kind)) return false;
    const newest = await this.reader
      .newest(STREAMS.events, subjects.event(kind, this.sessionId))
      .catch(() => undefined);
    const decoded = newest && this.decoder.event(kind, newest.data, undefined);
    return decoded?.epoch === epoch && decoded.seq === seq;
  }
}

/** Events in stream order, but for those of one lane that the stream has in another order than they were written. */
export function inLaneOrder(events: readonly EventMessage[]): EventMessage[] {
  const ordered = [...events];
  const lanes = new Set(events.map(({ event }) => `${kindOf(event.type)}/${event.stage}`));
  for (const lane of lanes) {
    const items: StoredItem<EventMessage>[] = [];
    const slots: number[] = [];
    events.forEach((message, at) => {
      const { event, epoch } = message;
      if (`${kindOf(event.type)}/${event.stage}` === lane) {
        items.push({ message });
        slots.push(at);
      } else if (isMark(event) && lane.endsWith(`/${event.stage}`)) {
        items.push({ fenceEpoch: epoch });
      }
    });
    const messages = inWrittenOrder(items).flatMap((item) => ('message' in item ? item.message : []));
    slots.forEach((at, i) => (ordered[at] = messages[i] as EventMessage));
  }
  return ordered;
}
