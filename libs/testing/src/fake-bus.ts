import {
  kindOf,
  newSessionId,
  type AudioDirection,
  type AudioFrame,
  type ClaimedStage,
  type EventOf,
  type EventType,
  type ParleyEvent,
  type Presence,
  type Stage,
} from '@parley/contracts';
import {
  BusError,
  type ClaimHandler,
  type ClaimWorker,
  type FeedOptions,
  type PresenceView,
  type SessionBus,
  type SessionFeed,
  type SessionWriter,
} from '@parley/bus';
import { FakeClaims } from './fake-claims.js';
import { FakePresence } from './fake-presence.js';
import { FakeFeed, eventMessage, frameMessage, type FakeMessage } from './fake-bus-log.js';

/** What every process of one fake bus shares. */
interface Shared {
  readonly logs: Map<string, FakeMessage[]>;
  readonly feeds: Map<string, Set<FakeFeed>>;
  readonly epochs: Map<string, number>;
  readonly claims: FakeClaims;
  readonly presences: FakePresence;
  readonly idle: Set<() => void>;
}

/**
 * A session bus in memory for unit tests of stages: several services in one process write to and read from the same
 * sessions. Keeps order, epochs and the past as the real one does; loses nothing, and delivers in a later microtask.
 * Events and frames go through the wire format.
 */
export class FakeBus implements SessionBus {
  connected = true;
  readonly presence: PresenceView;
  private readonly shared: Shared;

  constructor(
    readonly replica = 'test-1',
    /** Wall clock of the events, in ms. */
    private readonly now: () => number = Date.now,
    shared?: Shared,
  ) {
    this.shared = shared ?? {
      logs: new Map(),
      feeds: new Map(),
      epochs: new Map(),
      claims: new FakeClaims(),
      presences: new FakePresence(),
      idle: new Set(),
    };
    this.presence = this.shared.presences;
  }

  /** The same bus as another replica sees it, with a connection of its own. */
  as(replica: string): FakeBus {
    return new FakeBus(replica, this.now, this.shared);
  }

  async ping(): Promise<void> {
    this.assertConnected('unavailable');
  }

  async acquire(stage: Stage, sessionId: string): Promise<number> {
    this.assertConnected('unavailable');
    const key = `${stage}.${sessionId}`;
    const epoch = (this.shared.epochs.get(key) ?? 0) + 1;
    this.shared.epochs.set(key, epoch);
    return epoch;
  }

  async isOwner(stage: Stage, sessionId: string, epoch: number): Promise<boolean> {
    this.assertConnected('unavailable');
    return this.shared.epochs.get(`${stage}.${sessionId}`) === epoch;
  }

  writer({ stage, sessionId, epoch }: { stage: Stage; sessionId: string; epoch: number }): SessionWriter {
    const seqs = new Map<string, number>();
    let isClosed = false;
    const nextSeq = (counter: string) => {
      if (isClosed) throw new BusError('writer_closed', 'the writer is closed', false);
      const seq = (seqs.get(counter) ?? 0) + 1;
      seqs.set(counter, seq);
      return seq;
    };
    const build = <T extends EventType>(type: T, payload: object) => {
      const kind = kindOf(type);
      const seq = nextSeq(kind);
      const id = `${kind}.${stage}.${epoch}.${seq}`;
      return {
        ...payload,
        id,
        type,
        sessionId,
        seq,
        epoch,
        stage,
        at: Math.round(this.now()),
      } as unknown as EventOf<T>;
    };
    return {
      sessionId,
      stage,
      epoch,
      unackedFrames: 0,
      publish: async (type, payload) => {
        const event = build(type, payload);
        this.assertConnected('publish_failed');
        this.append(sessionId, eventMessage(event as ParleyEvent));
        return event;
      },
      text: (reply, text, speaker) => {
        const delta = { reply, text, ...(speaker !== undefined && { speaker }) };
        if (this.connected) this.append(sessionId, eventMessage(build('text.delta', delta) as ParleyEvent));
      },
      audio: (direction, frame) => {
        const whole: AudioFrame = { fence: false, ...frame, epoch, seq: nextSeq(`audio.${direction}`) };
        this.append(sessionId, frameMessage(direction, whole));
      },
      close: async () => {
        isClosed = true;
      },
    };
  }

  async feed(options: FeedOptions): Promise<SessionFeed> {
    this.assertConnected('unavailable');
    const { sessionId } = options;
    const feed = new FakeFeed(options, () => this.notifyIdle());
    const feeds = this.shared.feeds.get(sessionId) ?? new Set();
    this.shared.feeds.set(sessionId, feeds.add(feed));
    const past = this.log(sessionId);
    for (const message of past) if (message.type === 'event') feed.offer(message, true);
    for (const message of past) if (message.type === 'audio') feed.offer(message, true);
    while (feed.waiting > 0) await Promise.resolve();
    return {
      behind: false,
      close: () => {
        feed.close();
        feeds.delete(feed);
      },
    };
  }

  async lastFrame(direction: AudioDirection, sessionId: string): Promise<AudioFrame | undefined> {
    this.assertConnected('unavailable');
    return this.frames(sessionId, direction).at(-1);
  }

  async offer(stage: ClaimedStage, sessionId: string): Promise<void> {
    this.assertConnected('publish_failed');
    this.shared.claims.offer({ stage, sessionId, gateway: this.replica, openedAt: Math.round(this.now()) });
  }

  async claims(stage: ClaimedStage, handler: ClaimHandler): Promise<ClaimWorker> {
    this.assertConnected('unavailable');
    return this.shared.claims.work(stage, handler);
  }

  announce(read: () => Omit<Presence, 'replica' | 'at'>): () => void {
    return this.shared.presences.announce(() => ({ ...read(), replica: this.replica, at: Math.round(this.now()) }));
  }

  /** Sessions of a stage that were offered and are not done, in order. */
  offered(stage: ClaimedStage): string[] {
    return this.shared.claims.open(stage);
  }

  /** What happens when a lease runs out: its owner is told, and the session goes to a replica with room. */
  expire(stage: ClaimedStage, sessionId: string): void {
    this.shared.claims.expire(stage, sessionId);
  }

  /** Every event of a session so far, or those of one type. */
  events(sessionId: string): ParleyEvent[];
  events<T extends EventType>(sessionId: string, type: T): EventOf<T>[];
  events(sessionId: string, type?: EventType): ParleyEvent[] {
    const all = this.log(sessionId).flatMap((message) => (message.type === 'audio' ? [] : [message.event]));
    return type ? all.filter((event) => event.type === type) : all;
  }

  /** Every frame of a session so far in one direction. */
  frames(sessionId: string, direction: 'in' | 'out'): AudioFrame[] {
    return this.log(sessionId).flatMap((message) =>
      message.type === 'audio' && message.direction === direction ? [message.frame] : [],
    );
  }

  /** Resolves when every reader has handled everything that was written, and what was written because of it. */
  async settled(): Promise<void> {
    for (;;) {
      this.shared.claims.dispatch();
      this.shared.presences.refresh();
      // Handlers go on in promises of their own, so a reader is done only when a whole turn of the loop adds nothing.
      await new Promise((resolve) => setImmediate(resolve));
      if (![...this.shared.feeds.values()].some((feeds) => [...feeds].some(({ waiting }) => waiting > 0))) return;
      await new Promise<void>((resolve) => this.shared.idle.add(resolve));
    }
  }

  /** A new session's id. */
  newSession(): string {
    return newSessionId(Math.round(this.now()));
  }

  private append(sessionId: string, message: FakeMessage): void {
    this.log(sessionId).push(message);
    for (const feed of this.shared.feeds.get(sessionId) ?? []) feed.offer(message, false);
  }

  private log(sessionId: string): FakeMessage[] {
    const log = this.shared.logs.get(sessionId) ?? [];
    this.shared.logs.set(sessionId, log);
    return log;
  }

  private assertConnected(code: 'unavailable' | 'publish_failed'): void {
    if (!this.connected) throw new BusError(code, 'the fake bus is disconnected', true);
  }

  private notifyIdle(): void {
    for (const resolve of this.shared.idle) resolve();
    this.shared.idle.clear();
  }
}
