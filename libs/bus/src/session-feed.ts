import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import {
  ContractError,
  decodeEvent,
  decodeFrame,
  kindOf,
  subjects,
  type AudioDirection,
  type AudioFrame,
  type EventKind,
  type EventOf,
  type ParleyEvent,
  type Stage,
} from '@parley/contracts';
import type { BusMetrics } from './bus-metrics.js';
import { patiently } from './patience.js';
import { LaneSplice, inWrittenOrder, type LaneException, type Numbered, type StoredItem } from './lane-splice.js';
import type { DeliveryContext, FeedOptions, SessionFeed, VoiceSince } from './session-bus.js';
import type { StoredMessage, StreamReader } from './stream-reader.js';
import { STREAMS } from './streams.js';

/** Together longer than a writer takes to send again what a stream refused. */
const REPAIR_DELAYS_MS = [0, 30, 150, 500, 1000];
/** How far back a repair reads before the newest delivery. */
const REPAIR_MARGIN_MS = 5000;

/** A guess of when voice was stored that was too late is moved back by this factor; beyond the longest all is read. */
const GUESS_GROWTH = 4;
const LONGEST_GUESS_MS = 60_000;

/** How long a feed waits for the broker. */
export interface FeedPatience {
  /** To be opened. */
  openMs: number;
  /** To read what it missed, with live messages held meanwhile; after that they count as lost. */
  outageMs: number;
}

/** The first event of an owner that had or may have had a predecessor. */
type Mark = EventOf<'stage.claimed' | 'session.resumed'>;

function isMark(event: ParleyEvent): event is Mark {
  return event.type === 'stage.claimed' || event.type === 'session.resumed';
}

/** The kind on which a stage's owners leave their marks. */
function markKindOf(stage: Stage): EventKind {
  return stage === 'gateway' ? 'session' : 'stage';
}

interface EventMessage {
  epoch: number;
  seq: number;
  succeeds: boolean;
  event: ParleyEvent;
  traceparent: string | undefined;
}

/** A fence is a new owner's first frame, written only by one that had a predecessor. */
type NumberedFrame = AudioFrame & { succeeds: boolean };

const WRITER_OF: Record<AudioDirection, Stage> = { in: 'gateway', out: 'tts' };

const MARK_KINDS: ReadonlySet<EventKind> = new Set(['stage', 'session']);

/** What a read of the streams found, each part in stream order. */
interface Stored {
  events: EventMessage[];
  frames: StoredItem<NumberedFrame>[];
}

interface Lane<M extends EventMessage | NumberedFrame> {
  splice: LaneSplice<M>;
  lastDeliveryAt: number;
}

/**
 * The session feed: one reader's ordered, exactly-once view of a session. It subscribes, reads what the streams
 * hold, and splices the two per lane (one stage's messages of one kind); a skip in live delivery is fetched
 * from the stream. It always follows the `stage` kind, whose `stage.claimed` events fence what a superseded
 * owner still writes; a gateway's mark is `session.resumed`, so whoever follows `playout` follows `session` too.
 */
export class NatsSessionFeed implements SessionFeed {
  private readonly subscriptions: Subscription[] = [];
  private readonly eventLanes = new Map<string, Lane<EventMessage>>();
  private readonly audioLane: Lane<NumberedFrame> | undefined;
  private readonly kinds: Set<EventKind>;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly floors = new Map<Stage, number>();
  private received = 0;
  private backlogDone = false;
  /** A mark came live while the streams were read. */
  private markHeld = false;
  private closed = false;
  /** Up to when everything stored has been read, in ms since 1970. */
  private readUpTo = Date.now();
  private resyncing: Promise<void> | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly reader: StreamReader,
    private readonly metrics: BusMetrics,
    private readonly options: FeedOptions,
    private readonly patience: FeedPatience,
    private readonly onClose: (feed: NatsSessionFeed) => void = () => undefined,
  ) {
    this.kinds = new Set<EventKind>([...options.kinds, 'stage']);
    if (this.kinds.has('playout')) this.kinds.add('session');
    if (options.audio) this.audioLane = this.createAudioLane(options.audio);
  }

  get behind(): boolean {
    if (this.resyncing || this.audioLane?.splice.repairing) return true;
    for (const { splice } of this.eventLanes.values()) if (splice.repairing) return true;
    return false;
  }

  /** Opens the feed. @throws {BusError} `unavailable` */
  async open(): Promise<void> {
    const { sessionId, audio, text } = this.options;
    for (const kind of this.kinds) this.subscribe(subjects.event(kind, sessionId), (m) => this.onLiveEvent(kind, m));
    if (audio) this.subscribe(subjects.audio(audio, sessionId), (m) => this.onLiveFrame(m));
    if (text) this.subscribe(subjects.text(sessionId), (m) => this.onText(m));
    const patience = { deadlineMs: this.patience.openMs, what: `open the feed of ${sessionId}` };
    const isCancelled = () => this.closed;
    const readEvents = async () => {
      // In this order: what is stored after the read began comes live.
      await this.connection.flush();
      const startedAt = Date.now();
      return { startedAt, events: await this.readEvents([...this.kinds]) };
    };
    try {
      const { startedAt, events } = await patiently(readEvents, { ...patience, isCancelled });
      this.readUpTo = startedAt;
      if (this.closed) return;
      this.applyEvents(events);
      const since = audio && this.options.voiceSince?.();
      const frames = audio ? await patiently(() => this.readVoice(audio, since), { ...patience, isCancelled }) : [];
      if (this.closed) return;
      this.applyFrames(frames);
      await this.settleMarks();
      if (!this.closed) this.endBacklog(frames.length === 0);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Reads what the streams have gained since the last delivery, because live delivery was interrupted. What comes live
   * meanwhile is held. Never rejects.
   */
  resync(): Promise<void> {
    this.resyncing ??= this.readGained().finally(() => (this.resyncing = undefined));
    return this.resyncing;
  }

  private async readGained(): Promise<void> {
    // A feed that is being opened reads everything anyway.
    if (this.closed || !this.backlogDone) return;
    const startedAt = Date.now();
    const lanes = [...this.eventLanes.values(), this.audioLane].filter((lane) => lane !== undefined);
    const held = lanes.filter(({ splice }) => splice.hold());
    const stored = await this.readPatiently(() => this.readGainedStored(this.readUpTo - REPAIR_MARGIN_MS));
    if (this.closed) return;
    // In stream order whatever the lane, as at the beginning: a mark fences exactly what is stored after it.
    this.backlogDone = false;
    if (stored) {
      this.applyEvents(stored.events);
      this.applyFrames(stored.frames);
      this.readUpTo = startedAt;
      this.metrics.resynced.inc({});
    }
    this.backlogDone = true;
    for (const { splice } of held) splice.storedEnd();
    for (const lane of this.eventLanes.values()) if (!lanes.includes(lane)) lane.splice.storedEnd();
  }

  close(): void {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const subscription of this.subscriptions) if (!subscription.isClosed()) subscription.unsubscribe();
    if (this.received > 0) this.metrics.received.inc({}, this.received);
    this.received = 0;
    this.onClose(this);
  }

  private subscribe(subject: string, onMessage: (message: Msg) => void): void {
    const callback = (error: Error | null, message: Msg) => {
      if (!error && !this.closed) onMessage(message);
    };
    this.subscriptions.push(this.connection.subscribe(subject, { callback }));
  }

  private onLiveEvent(kind: EventKind, message: Msg): void {
    const decoded = this.decodeEvent(kind, message.data, message.headers?.get('traceparent'));
    if (!decoded) return;
    // A mark fences from the moment it arrives, not from when its own lane delivers it.
    if (isMark(decoded.event)) {
      if (this.backlogDone) this.raiseEpoch(decoded.event);
      else if (decoded.succeeds) this.markHeld = true;
    }
    this.eventLane(kind, decoded.event.stage).splice.live(decoded);
  }

  private onLiveFrame(message: Msg): void {
    const frame = this.decodeFrame(message.data);
    if (frame) this.audioLane?.splice.live(frame);
  }

  private onText(message: Msg): void {
    const decoded = this.decodeEvent('text', message.data, undefined);
    if (decoded) this.options.onEvent(decoded.event, { replayed: false });
  }

  /**
   * A new owner's mark has come live while messages were held: which of them it fences is for the stream to say, so
   * what that has gained is read first.
   */
  private async settleMarks(): Promise<void> {
    while (this.markHeld && !this.closed) {
      this.markHeld = false;
      const startedAt = Date.now();
      const stored = await this.readPatiently(() => this.readGainedStored(this.readUpTo - REPAIR_MARGIN_MS));
      if (this.closed || !stored) return;
      this.applyEvents(stored.events);
      this.applyFrames(stored.frames);
      this.readUpTo = startedAt;
    }
  }

  /** Last of the first read: what came live meanwhile. */
  private endBacklog(isVoiceless: boolean): void {
    // Nothing of a former owner may be what an empty lane begins with.
    const floor = this.options.audio && this.floors.get(WRITER_OF[this.options.audio]);
    if (isVoiceless && floor !== undefined) this.audioLane?.splice.stored({ fenceEpoch: floor });
    this.backlogDone = true;
    for (const lane of [...this.eventLanes.values(), this.audioLane]) lane?.splice.storedEnd();
  }

  /** Events in stream order whatever their lane. */
  private applyEvents(events: readonly EventMessage[]): void {
    for (const message of inLaneOrder(events)) {
      this.eventLane(kindOf(message.event.type) as EventKind, message.event.stage).splice.stored({ message });
    }
  }

  private applyFrames(frames: StoredItem<NumberedFrame>[]): void {
    for (const frame of inWrittenOrder(frames)) this.audioLane?.splice.stored(frame);
  }

  private async readGainedStored(sinceMs: number): Promise<Stored> {
    const { audio } = this.options;
    const [events, frames] = await Promise.all([
      this.readEvents([...this.kinds], sinceMs),
      audio ? this.readFrames(audio, sinceMs) : [],
    ]);
    return { events, frames };
  }

  /** Voice from where it is needed: a guess of when that was stored is tried first, because a stream holds minutes. */
  private async readVoice(direction: AudioDirection, since: VoiceSince | undefined) {
    const now = Date.now();
    for (let backMs = since ? Math.max(0, now - since.atMs) : Infinity; ; backMs *= GUESS_GROWTH) {
      const isAll = backMs > LONGEST_GUESS_MS;
      const frames = await this.readFrames(direction, isAll ? undefined : now - backMs);
      const first = frames.find((item) => 'message' in item && !item.message.fence);
      if (isAll || since?.isEnough(first && 'message' in first ? first.message : undefined)) return frames;
    }
  }

  private async readFrames(direction: AudioDirection, sinceMs: number | undefined) {
    const from = sinceMs === undefined ? {} : { sinceMs };
    return this.frameItems(
      await this.reader.read(STREAMS.audio, subjects.audio(direction, this.options.sessionId), from),
    );
  }

  /** Undefined when the broker was away for too long, or the feed was closed. */
  private readPatiently<T>(read: () => Promise<T>): Promise<T | undefined> {
    const options = { deadlineMs: this.patience.outageMs, what: 'read the log', isCancelled: () => this.closed };
    return patiently(read, options).catch(() => undefined);
  }

  private eventLane(kind: EventKind, stage: Stage): Lane<EventMessage> {
    const key = `${kind}/${stage}`;
    const existing = this.eventLanes.get(key);
    if (existing) return existing;
    const lane: Lane<EventMessage> = {
      lastDeliveryAt: this.readUpTo,
      splice: new LaneSplice<EventMessage>(
        {
          deliver: (message, replayed) => {
            lane.lastDeliveryAt = Date.now();
            this.received++;
            this.deliverEvent(kind, message, replayed);
          },
          requestRepair: (attempt) => this.repairLater(attempt, () => this.repairEvents(kind, stage, lane)),
          onException: (what, n) => this.onException(kind, subjects.event(kind, this.options.sessionId), what, n),
        },
        this.backlogDone,
      ),
    };
    this.eventLanes.set(key, lane);
    const floor = this.floors.get(stage);
    if (floor !== undefined && kind !== markKindOf(stage)) lane.splice.stored({ fenceEpoch: floor });
    return lane;
  }

  private createAudioLane(direction: AudioDirection): Lane<NumberedFrame> {
    const subject = subjects.audio(direction, this.options.sessionId);
    const lane: Lane<NumberedFrame> = {
      lastDeliveryAt: this.readUpTo,
      splice: new LaneSplice<NumberedFrame>(
        {
          deliver: (frame) => {
            lane.lastDeliveryAt = Date.now();
            this.received++;
            if (!frame.fence) this.options.onFrame?.(frame);
          },
          requestRepair: (attempt) => this.repairLater(attempt, () => this.repairAudio(direction, lane)),
          onException: (what, n) => this.onException('audio', subject, what, n),
        },
        false,
        true,
      ),
    };
    return lane;
  }

  private deliverEvent(kind: EventKind, { event, traceparent }: EventMessage, replayed: boolean): void {
    if (isMark(event)) this.raiseEpoch(event);
    if (!this.options.kinds.includes(kind)) return;
    const delivery: DeliveryContext = traceparent ? { replayed, traceparent } : { replayed };
    this.options.onEvent(event, delivery);
  }

  private raiseEpoch({ stage, epoch }: Mark): void {
    this.floors.set(stage, Math.max(epoch, this.floors.get(stage) ?? 0));
    for (const [key, { splice }] of this.eventLanes) {
      if (!key.endsWith(`/${stage}`) || key === `${markKindOf(stage)}/${stage}`) continue;
      if (this.backlogDone) splice.raise(epoch);
      else splice.stored({ fenceEpoch: epoch });
    }
  }

  private repairLater(attempt: number, repair: () => Promise<void>): void {
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        if (!this.closed) void repair();
      },
      REPAIR_DELAYS_MS[attempt - 1] ?? 1000,
    );
    this.timers.add(timer);
  }

  private async repairEvents(kind: EventKind, stage: Stage, { splice, lastDeliveryAt }: Lane<EventMessage>) {
    if (splice.isRaising && (await this.isNewest(kind, splice.position))) {
      if (!this.closed) splice.storedEnd();
      return;
    }
    const sinceMs = lastDeliveryAt - REPAIR_MARGIN_MS;
    const kinds = [...new Set([kind, markKindOf(stage)])];
    const stored = await this.readPatiently(() => this.readEvents(kinds, sinceMs));
    if (this.closed) return;
    for (const message of stored ?? []) {
      if (message.event.stage !== stage) continue;
      if (kindOf(message.event.type) === kind) splice.stored({ message });
      else if (isMark(message.event)) splice.stored({ fenceEpoch: message.epoch });
    }
    splice.storedEnd();
  }

  /**
   * Whether the stream has nothing newer of this kind: one cheap question, for which a whole read is not needed when
   * sessions change hands by the dozen. False when that cannot be told, which marks, of several writers, never can.
   */
  private async isNewest(kind: EventKind, { epoch, seq }: Numbered): Promise<boolean> {
    if (MARK_KINDS.has(kind)) return false;
    const subject = subjects.event(kind, this.options.sessionId);
    const newest = await this.reader.newest(STREAMS.events, subject).catch(() => undefined);
    const decoded = newest && this.decodeEvent(kind, newest.data, undefined);
    return decoded?.epoch === epoch && decoded.seq === seq;
  }

  private async repairAudio(direction: AudioDirection, { splice, lastDeliveryAt }: Lane<NumberedFrame>) {
    const sinceMs = lastDeliveryAt - REPAIR_MARGIN_MS;
    const stored = await this.readPatiently(() => this.readFrames(direction, sinceMs));
    if (this.closed) return;
    for (const item of stored ?? []) splice.stored(item);
    splice.storedEnd();
  }

  private async readEvents(kinds: EventKind[], sinceMs?: number): Promise<EventMessage[]> {
    const from = sinceMs === undefined ? {} : { sinceMs };
    const read = async (kind: EventKind) => {
      const stored = await this.reader.read(STREAMS.events, subjects.event(kind, this.options.sessionId), from);
      return stored.map((message) => ({ kind, message }));
    };
    // Marks last: whatever was found behind a mark is then found together with it.
    const others = await Promise.all(kinds.filter((kind) => !MARK_KINDS.has(kind)).map(read));
    const marks = await Promise.all(kinds.filter((kind) => MARK_KINDS.has(kind)).map(read));
    const perKind = [...others, ...marks];
    return perKind
      .flat()
      .sort((a, b) => a.message.streamSeq - b.message.streamSeq)
      .flatMap(({ kind, message }) => this.decodeEvent(kind, message.data, message.headers?.get('traceparent')) ?? []);
  }

  private frameItems(stored: StoredMessage[]): StoredItem<NumberedFrame>[] {
    return stored.flatMap(({ data }) => {
      const message = this.decodeFrame(data);
      return message ? [{ message }] : [];
    });
  }

  private decodeEvent(kind: string, data: Uint8Array, traceparent: string | undefined): EventMessage | undefined {
    try {
      const event = decodeEvent(data);
      if (!event || event.sessionId !== this.options.sessionId) return undefined;
      const succeeds = isMark(event) && (event.type === 'session.resumed' || event.deliveries > 1);
      return { epoch: event.epoch, seq: event.seq, succeeds, event, traceparent: traceparent || undefined };
    } catch (error) {
      this.countInvalid(kind, error);
      return undefined;
    }
  }

  private decodeFrame(data: Uint8Array): NumberedFrame | undefined {
    try {
      const frame = decodeFrame(data);
      return Object.assign(frame, { succeeds: frame.fence });
    } catch (error) {
      this.countInvalid('audio', error);
      return undefined;
    }
  }

  private countInvalid(kind: string, error: unknown): void {
    const code = error instanceof ContractError ? error.code : 'unknown';
    this.metrics.invalid.inc({ kind, code });
  }

  private onException(kind: string, subject: string, what: LaneException, count: number): void {
    this.metrics[what].inc({ kind }, count);
    if (what === 'lost') this.options.onLost?.({ subject, count });
  }
}

/** Events in stream order, but for those of one lane that the stream has in another order than they were written. */
function inLaneOrder(events: readonly EventMessage[]): EventMessage[] {
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
