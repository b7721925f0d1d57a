import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { kindOf, subjects, type AudioDirection, type EventKind, type Stage } from '@parley/contracts';
import type { BusMetrics } from './bus-metrics.js';
import { FeedLog, inLaneOrder, type Stored } from './feed-log.js';
import { FeedDecoder, isMark, markKindOf, type EventMessage, type FrameMessage, type Mark } from './feed-message.js';
import { LaneSplice, inWrittenOrder, type LaneException, type StoredItem } from './lane-splice.js';
import { patiently } from './patience.js';
import type { DeliveryContext, FeedOptions, SessionFeed } from './session-bus.js';
import type { StreamReader } from './stream-reader.js';

/** Together longer than a writer takes to send again what a stream refused. */
const REPAIR_DELAYS_MS = [0, 30, 150, 500, 1000];
/** How far back a repair reads before the newest delivery. */
const REPAIR_MARGIN_MS = 5000;

/** How long a feed waits for the broker. */
export interface FeedPatience {
  /** To be opened. */
  openMs: number;
  /** To read what it missed, with live messages held meanwhile; after that they count as lost. */
  outageMs: number;
}

const WRITER_OF: Record<AudioDirection, Stage> = { in: 'gateway', out: 'tts' };

interface Lane<M extends EventMessage | FrameMessage> {
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
  private readonly decoder: FeedDecoder;
  private readonly log: FeedLog;
  private readonly subscriptions: Subscription[] = [];
  private readonly eventLanes = new Map<string, Lane<EventMessage>>();
  private readonly audioLane: Lane<FrameMessage> | undefined;
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
    reader: StreamReader,
    private readonly metrics: BusMetrics,
    private readonly options: FeedOptions,
    private readonly patience: FeedPatience,
    private readonly onClose: (feed: NatsSessionFeed) => void = () => undefined,
  ) {
    this.decoder = new FeedDecoder(options.sessionId, metrics);
    this.log = new FeedLog(reader, options.sessionId, this.decoder);
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
      return { startedAt, events: await this.log.events([...this.kinds]) };
    };
    try {
      const { startedAt, events } = await patiently(readEvents, { ...patience, isCancelled });
      this.readUpTo = startedAt;
      if (this.closed) return;
      this.applyEvents(events);
      const since = audio && this.options.voiceSince?.();
      if (since) this.audioLane?.splice.startAnywhere();
      const frames = audio ? await patiently(() => this.log.voice(audio, since), { ...patience, isCancelled }) : [];
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
    const stored = await this.readGainedStored();
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
    const decoded = this.decoder.event(kind, message.data, message.headers?.get('traceparent'));
    if (!decoded) return;
    // A mark fences from the moment it arrives, not from when its own lane delivers it.
    if (isMark(decoded.event)) {
      if (this.backlogDone) this.raiseEpoch(decoded.event);
      else if (decoded.succeeds) this.markHeld = true;
    }
    this.eventLane(kind, decoded.event.stage).splice.live(decoded);
  }

  private onLiveFrame(message: Msg): void {
    const frame = this.decoder.frame(message.data);
    if (frame) this.audioLane?.splice.live(frame);
  }

  private onText(message: Msg): void {
    const decoded = this.decoder.event('text', message.data, undefined);
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
      const stored = await this.readGainedStored();
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

  private applyFrames(frames: StoredItem<FrameMessage>[]): void {
    for (const frame of inWrittenOrder(frames)) this.audioLane?.splice.stored(frame);
  }

  /** What the streams have gained since all of them was read; undefined when they could not be read. */
  private readGainedStored(): Promise<Stored | undefined> {
    const sinceMs = this.readUpTo - REPAIR_MARGIN_MS;
    return this.readPatiently(() => this.log.gained([...this.kinds], this.options.audio, sinceMs));
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

  private createAudioLane(direction: AudioDirection): Lane<FrameMessage> {
    const subject = subjects.audio(direction, this.options.sessionId);
    const lane: Lane<FrameMessage> = {
      lastDeliveryAt: this.readUpTo,
      splice: new LaneSplice<FrameMessage>(
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
    if (splice.isRaising && (await this.log.isNewest(kind, splice.position))) {
      if (!this.closed) splice.storedEnd();
      return;
    }
    const sinceMs = lastDeliveryAt - REPAIR_MARGIN_MS;
    const kinds = [...new Set([kind, markKindOf(stage)])];
    const stored = await this.readPatiently(() => this.log.events(kinds, sinceMs));
    if (this.closed) return;
    for (const message of stored ?? []) {
      if (message.event.stage !== stage) continue;
      if (kindOf(message.event.type) === kind) splice.stored({ message });
      else if (isMark(message.event)) splice.stored({ fenceEpoch: message.epoch });
    }
    splice.storedEnd();
  }

  private async repairAudio(direction: AudioDirection, { splice, lastDeliveryAt }: Lane<FrameMessage>) {
    const sinceMs = lastDeliveryAt - REPAIR_MARGIN_MS;
    const stored = await this.readPatiently(() => this.log.frames(direction, sinceMs));
    if (this.closed) return;
    for (const item of stored ?? []) splice.stored(item);
    splice.storedEnd();
  }

  private onException(kind: string, subject: string, what: LaneException, count: number): void {
    this.metrics[what].inc({ kind }, count);
    if (what === 'lost') this.options.onLost?.({ subject, count });
  }
}
