import { Kvm, type KV } from '@nats-io/kv';
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  CLAIMED_STAGES,
  decodeFrame,
  newSessionId,
  subjects,
  type AudioDirection,
  type AudioFrame,
  type Claim,
  type ClaimedStage,
  type OwnerRecord,
  type Presence,
  type Stage,
} from '@parley/contracts';
import { AckWindow } from './ack-window.js';
import { BusError } from './bus-error.js';
import { BrokerLink, type LinkStatus } from './broker-link.js';
import { noBusMetrics, type BusMetrics } from './bus-metrics.js';
import { NatsClaimWorker } from './claim-worker.js';
import { connectWithin } from './nats-connection.js';
import { before, patiently } from './patience.js';
import { PRESENCE_INTERVAL_MS, PresenceBoard } from './presence-board.js';
import { awaitStreams, provisionStreams } from './provision.js';
import type {
  ClaimHandler,
  ClaimWorker,
  FeedOptions,
  PresenceView,
  SessionBus,
  SessionFeed,
  SessionWriter,
} from './session-bus.js';
import { NatsSessionFeed } from './session-feed.js';
import { NatsSessionWriter } from './session-writer.js';
import { StreamKeeper } from './stream-keeper.js';
import { StreamReader } from './stream-reader.js';
import { StreamMarks } from './stream-marks.js';
import { OWNERS_BUCKET, STREAMS, type StreamSettings } from './streams.js';

/** How a process reaches the broker. */
export interface BusOptions {
  /** One URL, or several with commas: `nats://host:4222`. */
  url: string;
  stage: Stage;
  /** Name on the bus. @defaultValue `<stage>-<random>` */
  replica?: string;
  /** Creates or updates the streams; otherwise they are waited for. */
  provision?: { settings: StreamSettings; allowShrink?: boolean };
  /** How long to try before giving up at start. @defaultValue 30000 */
  connectTimeoutMs?: number;
  /**
   * How long one operation (`acquire`, `isOwner`, `offer`, `feed`) waits for a broker that is away.
   * @defaultValue 10000
   */
  operationTimeoutMs?: number;
  /**
   * How long the broker may be away before what waits for it is given up: events, voice, leases in doubt.
   * @defaultValue 60000
   */
  outageMs?: number;
  metrics?: BusMetrics;
  /** Told of every change of the connection: `disconnected`, `connected`, or an error of the broker. */
  onStatus?(status: LinkStatus, connection: 'media' | 'claims'): void;
}

/** A connected {@link SessionBus}. */
export type ConnectedBus = SessionBus & {
  /** Resolves once what was sent is acknowledged or given up, and both connections are drained. */
  close(): Promise<void>;
};

const OPERATION_TIMEOUT_MS = 10_000;
const OUTAGE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 30_000;
/** One attempt at an operation; a leader that is gone answers nothing. */
const ATTEMPT_TIMEOUT_MS = 2000;
/** Feeds that read the streams at a time after an outage. */
const RESYNCS_AT_ONCE = 8;

/**
 * Connects to NATS: one connection for events and voice, one for claims, so that media back-pressure cannot
 * starve a lease. Both reconnect for ever once they were up.
 * @throws {BusError} `unavailable` when the broker cannot be reached or the streams do not appear in time;
 * `unsupported_broker`, `stream_conflict`
 */
export async function connectBus(options: BusOptions): Promise<ConnectedBus> {
  const replica = options.replica ?? `${options.stage}-${newSessionId().slice(-8)}`;
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const media = await connectWithin(options.url, `${replica} media`, timeoutMs);
  const claims = await connectWithin(options.url, `${replica} claims`, timeoutMs);
  try {
    // Making a replicated stream takes longer than an answer may.
    const manager = await jetstreamManager(media, { checkAPI: false });
    const reading = await jetstreamManager(media, { checkAPI: false, timeout: ATTEMPT_TIMEOUT_MS });
    if (options.provision) {
      await provisionStreams(manager, options.provision.settings, options.provision.allowShrink).catch(
        translateProvision,
      );
    } else {
      await awaitStreams(manager, timeoutMs);
    }
    const [owners, claimOwners] = await Promise.all([openOwners(media), openOwners(claims)]);
    return new NatsBus(replica, media, claims, { manager, reading }, owners, claimOwners, options);
  } catch (error) {
    await Promise.all([media.close(), claims.close()]);
    throw error;
  }
}

class NatsBus implements ConnectedBus {
  private readonly metrics: BusMetrics;
  private readonly js: JetStreamClient;
  private readonly window: AckWindow;
  private readonly marks = new StreamMarks();
  private readonly reader: StreamReader;
  private readonly keeper: StreamKeeper | undefined;
  private readonly link: BrokerLink;
  private readonly claimsLink: BrokerLink;
  private readonly board = new PresenceBoard();
  private readonly workers = new Map<ClaimedStage, NatsClaimWorker>();
  private readonly feeds = new Set<NatsSessionFeed>();
  private readonly heartbeats = new Set<NodeJS.Timeout>();
  private readonly operationMs: number;
  private readonly outageMs: number;

  constructor(
    readonly replica: string,
    private readonly media: NatsConnection,
    private readonly claimsConnection: NatsConnection,
    private readonly managers: { manager: JetStreamManager; reading: JetStreamManager },
    private readonly owners: KV,
    private readonly claimOwners: KV,
    private readonly options: BusOptions,
  ) {
    const { manager, reading } = managers;
    this.metrics = options.metrics ?? noBusMetrics();
    this.operationMs = options.operationTimeoutMs ?? OPERATION_TIMEOUT_MS;
    this.outageMs = options.outageMs ?? OUTAGE_MS;
    this.js = jetstream(media, { timeout: ATTEMPT_TIMEOUT_MS });
    this.window = new AckWindow(media, this.metrics, { outageMs: this.outageMs, marks: this.marks });
    this.reader = new StreamReader(media, reading, this.marks);
    if (options.provision) this.keeper = new StreamKeeper(manager, options.provision.settings, this.metrics);
    this.board.start(media);
    this.link = new BrokerLink(media, 'media', this.metrics, (status) => options.onStatus?.(status, 'media'));
    this.link.onChange((up) => (up ? this.onBack() : this.window.hold()));
    const toldOf = (status: LinkStatus) => options.onStatus?.(status, 'claims');
    this.claimsLink = new BrokerLink(claimsConnection, 'claims', this.metrics, toldOf);
    this.claimsLink.onChange((up) => this.workers.forEach((worker) => worker.onLink(up)));
  }

  get connected(): boolean {
    return this.link.up;
  }

  get presence(): PresenceView {
    return this.board;
  }

  async ping(timeoutMs = 1000): Promise<void> {
    try {
      await before(performance.now() + timeoutMs, this.media.flush());
    } catch (cause) {
      throw new BusError('unavailable', `the broker did not answer in ${timeoutMs} ms`, true, { cause });
    }
  }

  async acquire(stage: Stage, sessionId: string): Promise<number> {
    const key = `${stage}.${sessionId}`;
    const record: OwnerRecord = { replica: this.replica, at: Date.now() };
    const value = JSON.stringify(record);
    const take = async () => {
      const current = await this.owners.get(key);
      return current ? await this.owners.update(key, value, current.revision) : await this.owners.create(key, value);
    };
    // A failure also means that another claimant was faster: what it wrote is read and succeeded.
    const epoch = await patiently(take, { deadlineMs: this.operationMs, what: `take ${key}` });
    if (isClaimed(stage)) this.workers.get(stage)?.noteEpoch(sessionId, epoch);
    return epoch;
  }

  async isOwner(stage: Stage, sessionId: string, epoch: number): Promise<boolean> {
    const read = () => this.owners.get(`${stage}.${sessionId}`);
    const current = await patiently(read, { deadlineMs: this.operationMs, what: 'read the owner' });
    return current?.revision === epoch;
  }

  writer(options: { stage: Stage; sessionId: string; epoch: number }): SessionWriter {
    return new NatsSessionWriter(this.media, this.window, options);
  }

  async feed(options: FeedOptions): Promise<SessionFeed> {
    const patience = { openMs: this.operationMs, outageMs: this.outageMs };
    const feed = new NatsSessionFeed(this.media, this.reader, this.metrics, options, patience, (closed) =>
      this.feeds.delete(closed),
    );
    this.feeds.add(feed);
    await feed.open();
    return feed;
  }

  async lastFrame(direction: AudioDirection, sessionId: string): Promise<AudioFrame | undefined> {
    const read = () => this.reader.last(STREAMS.audio, subjects.audio(direction, sessionId));
    const stored = await patiently(read, { deadlineMs: this.operationMs, what: 'read the newest frame' });
    return stored && decodeFrame(stored.data);
  }

  async offer(stage: ClaimedStage, sessionId: string): Promise<void> {
    const claim: Claim = { sessionId, stage, gateway: this.replica, openedAt: Date.now() };
    const publish = () =>
      this.js.publish(subjects.claim(stage), JSON.stringify(claim), {
        msgID: `${stage}.${sessionId}`,
        timeout: ATTEMPT_TIMEOUT_MS,
      });
    const what = `offer the session to ${stage}`;
    await patiently(publish, { deadlineMs: this.operationMs, what, code: 'publish_failed' });
  }

  async claims(stage: ClaimedStage, handler: ClaimHandler): Promise<ClaimWorker> {
    const worker = await NatsClaimWorker.start({
      connection: this.claimsConnection,
      js: jetstream(this.claimsConnection, { timeout: ATTEMPT_TIMEOUT_MS }),
      stage,
      handler,
      metrics: this.metrics,
      newestEpoch: async (sessionId) => (await this.claimOwners.get(`${stage}.${sessionId}`))?.revision,
      startMs: this.options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      doubtMs: this.outageMs,
    });
    this.workers.set(stage, worker);
    return worker;
  }

  announce(read: () => Omit<Presence, 'replica' | 'at'>): () => void {
    const beat = () => {
      if (!this.link.up) return;
      this.window.flush();
      const presence: Presence = { ...read(), replica: this.replica, at: Date.now() };
      this.media.publish(subjects.presence(presence.stage, this.replica), JSON.stringify(presence));
    };
    beat();
    // Behind what has come in by then, and in the stream before it: a heartbeat says that nothing older is to come.
    const timer = setInterval(() => setImmediate(beat), PRESENCE_INTERVAL_MS);
    this.heartbeats.add(timer);
    return () => {
      clearInterval(timer);
      this.heartbeats.delete(timer);
      beat();
    };
  }

  async close(): Promise<void> {
    this.board.stop();
    this.keeper?.close();
    for (const timer of this.heartbeats) clearInterval(timer);
    await Promise.all([...this.workers.values()].map((worker) => worker.close()));
    this.window.flush();
    if (this.link.up) await this.ping(ATTEMPT_TIMEOUT_MS).catch(() => undefined);
    this.window.close();
    for (const connection of [this.claimsConnection, this.media]) {
      if (!connection.isClosed()) await drain(connection);
    }
  }

  /** What waited is sent, streams that are gone are made, and every feed reads what it missed. */
  private onBack(): void {
    this.window.resume();
    void this.catchUp();
  }

  /** A broker that was away may have lost what it had: voice, always, when it has no siblings, and events with its disk. */
  private async checkMarks(): Promise<void> {
    this.marks.check(STREAMS.audio);
    const info = await this.managers.reading.streams.info(STREAMS.events).catch(() => undefined);
    this.marks.check(STREAMS.events, info?.state.last_seq);
  }

  private async catchUp(): Promise<void> {
    if (await this.keeper?.restore()) this.window.retryAll();
    await this.checkMarks();
    const queue = [...this.feeds];
    const work = async () => {
      for (let feed = queue.pop(); feed; feed = queue.pop()) await feed.resync();
    };
    await Promise.all(Array.from({ length: RESYNCS_AT_ONCE }, work));
  }
}

/** Lets what was sent leave, unless the broker does not answer. */
async function drain(connection: NatsConnection): Promise<void> {
  await before(performance.now() + ATTEMPT_TIMEOUT_MS, connection.drain()).catch(() => connection.close());
}

function isClaimed(stage: Stage): stage is ClaimedStage {
  return (CLAIMED_STAGES as readonly Stage[]).includes(stage);
}

async function openOwners(connection: NatsConnection): Promise<KV> {
  const js = jetstream(connection, { timeout: ATTEMPT_TIMEOUT_MS });
  return new Kvm(js).open(OWNERS_BUCKET, { allow_direct: true });
}

function translateProvision(cause: unknown): never {
  if (cause instanceof BusError) throw cause;
  const { message } = cause as Error;
  if (/no responders|jetstream not enabled|503/i.test(message)) {
    throw new BusError('unsupported_broker', 'the broker has no JetStream: start nats-server with -js', false, {
      cause,
    });
  }
  throw new BusError('unavailable', `cannot provision the streams: ${message}`, true, { cause });
}
