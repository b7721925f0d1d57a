import { CLAIMED_STAGES, EVENT_KINDS, subjects } from '@parley/contracts';
import {
  AckPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type ConsumerConfig,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

/** Version of the settings below; stands in each stream's description. Raise it when they change. */
export const STREAMS_VERSION = 2;

/** Names of what Parley keeps in JetStream. */
export const STREAMS = { audio: 'PARLEY_AUDIO', events: 'PARLEY_EVENTS', claims: 'PARLEY_CLAIMS' } as const;
/** Key-value bucket of who owns which session; a key's revision is the owner's epoch. */
export const OWNERS_BUCKET = 'parley-owners';

/** What an operator may choose about the streams. */
export interface StreamSettings {
  /** Copies of each stream: 1 on one server, 3 on a cluster. @defaultValue 1 */
  replicas: number;
  /** How long voice is kept. @defaultValue 120000 */
  audioMaxAgeMs: number;
  /** Room reserved for voice: sessions × 64 KB/s × age. @defaultValue 512 MiB */
  audioMaxBytes: number;
  /** Where voice is kept. By default on one server on its disk, and in memory where there are copies. */
  audioStorage?: 'file' | 'memory';
  /** How long events are kept. @defaultValue 7 days */
  eventsMaxAgeMs: number;
  /** Disk reserved for events. @defaultValue 512 MiB */
  eventsMaxBytes: number;
  /** How long an owner may be silent before its sessions go to another. @defaultValue 1500 */
  leaseMs: number;
  /** Most sessions one stage may hold at a time, all replicas together. @defaultValue 50000 */
  maxClaims: number;
}

/** The defaults of {@link StreamSettings}. */
export const DEFAULT_STREAM_SETTINGS: StreamSettings = {
  replicas: 1,
  audioMaxAgeMs: 120_000,
  audioMaxBytes: 512 * 1024 * 1024,
  eventsMaxAgeMs: 7 * 24 * 3_600_000,
  eventsMaxBytes: 512 * 1024 * 1024,
  leaseMs: 1500,
  maxClaims: 50_000,
};

const DUPLICATE_WINDOW_MS = 10_000;
/** Longer than any session; a key that is gone only means that the next owner's epoch is a new, higher revision. */
const OWNERS_MAX_AGE_MS = 24 * 3_600_000;

/** A stream's settings as JetStream wants them. */
export type WantedStream = Partial<StreamConfig> & { name: string; subjects: string[] };

/** The streams as these settings make them. */
export function wantedStreams(settings: StreamSettings): WantedStream[] {
  const { audioStorage = settings.replicas > 1 ? 'memory' : 'file' } = settings;
  const common = {
    description: `parley wire contract v1, settings ${STREAMS_VERSION}`,
    num_replicas: settings.replicas,
    discard: DiscardPolicy.Old,
    allow_direct: true,
  };
  return [
    {
      ...common,
      name: STREAMS.audio,
      subjects: [subjects.allAudio()],
      storage: audioStorage === 'memory' ? StorageType.Memory : StorageType.File,
      max_age: nanos(settings.audioMaxAgeMs),
      max_bytes: settings.audioMaxBytes,
      // Frames carry no message id: their window only has to exist.
      duplicate_window: nanos(1000),
    },
    {
      ...common,
      name: STREAMS.events,
      subjects: EVENT_KINDS.map((kind) => subjects.allEvents(kind)),
      storage: StorageType.File,
      max_age: nanos(settings.eventsMaxAgeMs),
      max_bytes: settings.eventsMaxBytes,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    },
    {
      ...common,
      name: STREAMS.claims,
      subjects: [subjects.allClaims()],
      storage: StorageType.File,
      retention: RetentionPolicy.Workqueue,
      max_age: 0,
      max_bytes: 64 * 1024 * 1024,
      // A full work queue must refuse new sessions, not forget running ones.
      discard: DiscardPolicy.New,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    },
    {
      name: `KV_${OWNERS_BUCKET}`,
      description: common.description,
      subjects: [`$KV.${OWNERS_BUCKET}.>`],
      storage: StorageType.File,
      num_replicas: settings.replicas,
      max_msgs_per_subject: 1,
      max_age: nanos(OWNERS_MAX_AGE_MS),
      max_bytes: 256 * 1024 * 1024,
      // The oldest sessions' keys go first: a full bucket must not refuse new sessions.
      discard: DiscardPolicy.Old,
      allow_rollup_hdrs: true,
      deny_delete: true,
      allow_direct: true,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    },
  ];
}

/** The claim consumers, one per claimed stage, named after it. */
export function wantedConsumers(settings: StreamSettings): (Partial<ConsumerConfig> & { durable_name: string })[] {
  return CLAIMED_STAGES.map((stage) => ({
    durable_name: stage,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(settings.leaseMs),
    max_ack_pending: settings.maxClaims,
    max_deliver: -1,
    filter_subject: subjects.claim(stage),
  }));
}
