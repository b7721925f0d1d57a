import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { BusError } from './bus-error.js';
import {
  DEFAULT_STREAM_SETTINGS,
  STREAMS,
  wantedConsumers,
  wantedStreams,
  type StreamSettings,
  type WantedStream,
} from './streams.js';

/** What provisioning did with one stream or consumer. */
export interface Provisioned {
  name: string;
  did: 'created' | 'updated' | 'kept';
}

/** Settings that cannot be changed on an existing stream. */
const FIXED = ['storage', 'retention'] as const;
/** Settings whose lowering would throw stored messages away. */
const NEVER_LOWERED = ['max_age', 'max_bytes', 'num_replicas'] as const;
/** Settings that are brought up to date. */
const ADJUSTED = ['subjects', 'description', 'discard', 'allow_direct', 'duplicate_window', ...NEVER_LOWERED] as const;

const NOT_FOUND = 404;

/**
 * Creates or updates every stream and claim consumer. Safe to run again and by several at once.
 * @param allowShrink lets it lower age, size and replicas of an existing stream, which drops what no longer fits
 * @throws {BusError} `stream_conflict` when a stream exists with other fixed settings or would shrink;
 * `unsupported_broker` when the broker has no room or no JetStream; `unavailable`
 */
export async function provisionStreams(
  manager: JetStreamManager,
  settings: StreamSettings = DEFAULT_STREAM_SETTINGS,
  allowShrink = false,
): Promise<Provisioned[]> {
  const done: Provisioned[] = [];
  for (const wanted of wantedStreams(settings)) done.push(await ensureStream(manager, wanted, allowShrink));
  for (const wanted of wantedConsumers(settings)) {
    // Adding a durable consumer that exists with other adjustable settings updates it.
    await manager.consumers.add(STREAMS.claims, wanted);
    done.push({ name: `${STREAMS.claims}/${wanted.durable_name}`, did: 'kept' });
  }
  return done;
}

/**
 * Waits until another process has provisioned the streams.
 * @throws {BusError} `unavailable` after the deadline, saying what to run
 */
export async function awaitStreams(manager: JetStreamManager, deadlineMs: number): Promise<void> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const cause = await missingStreams(manager);
    if (!cause) return;
    if (Date.now() >= until) {
      throw new BusError(
        'unavailable',
        `the streams do not exist after ${deadlineMs} ms: start a gateway with PROVISION_STREAMS=true or run npm run provision`,
        true,
        { cause },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Why they cannot be used, or undefined when they can. */
async function missingStreams(manager: JetStreamManager): Promise<unknown> {
  try {
    // The last thing that provisioning makes.
    const last = wantedConsumers(DEFAULT_STREAM_SETTINGS).at(-1);
    await manager.consumers.info(STREAMS.claims, last?.durable_name ?? '');
    return undefined;
  } catch (error) {
    return error;
  }
}

async function ensureStream(
  manager: JetStreamManager,
  wanted: WantedStream,
  allowShrink: boolean,
): Promise<Provisioned> {
  const existing = await findStream(manager, wanted.name);
  if (!existing) {
    await create(manager, wanted);
    return { name: wanted.name, did: 'created' };
  }
  for (const key of FIXED) {
    if (wanted[key] !== undefined && wanted[key] !== existing[key]) {
      throw new BusError(
        'stream_conflict',
        `stream ${wanted.name} has ${key} ${existing[key]}, not ${wanted[key]}: back it up and delete it, or use another broker account`,
        false,
      );
    }
  }
  for (const key of NEVER_LOWERED) {
    if (!allowShrink && isLower(wanted[key], existing[key])) {
      throw new BusError(
        'stream_conflict',
        `stream ${wanted.name} has ${key} ${existing[key]}; ${wanted[key]} would drop what is stored: allow it with PROVISION_ALLOW_SHRINK=true`,
        false,
      );
    }
  }
  const changed = ADJUSTED.some(
    (key) => wanted[key] !== undefined && JSON.stringify(wanted[key]) !== JSON.stringify(existing[key]),
  );
  if (!changed) return { name: wanted.name, did: 'kept' };
  await manager.streams.update(wanted.name, { ...existing, ...wanted } as Partial<StreamConfig>);
  return { name: wanted.name, did: 'updated' };
}

/** For age and size, 0 and -1 stand for unlimited. */
function isLower(wanted: number | undefined, existing: number): boolean {
  if (wanted === undefined) return false;
  const limit = (n: number) => (n <= 0 ? Number.POSITIVE_INFINITY : n);
  return limit(wanted) < limit(existing);
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (cause) {
    if (isCode(cause, NOT_FOUND)) return undefined;
    throw new BusError('unavailable', `cannot look up stream ${name}: ${(cause as Error).message}`, true, { cause });
  }
}

async function create(manager: JetStreamManager, wanted: WantedStream): Promise<void> {
  try {
    await manager.streams.add(wanted);
  } catch (cause) {
    // Two provisioners at once: the other one was first.
    if (await findStream(manager, wanted.name)) return;
    throw new BusError(
      'unsupported_broker',
      `the broker refused stream ${wanted.name} (${(cause as Error).message}): check JetStream's memory and disk limits, or lower AUDIO_MAX_BYTES and EVENTS_MAX_BYTES`,
      false,
      { cause },
    );
  }
}

function isCode(error: unknown, code: number): boolean {
  const e = error as { code?: unknown; status?: unknown; apiError?: () => { code: number } | null };
  return e.code === code || e.status === code || /stream not found/i.test(String((error as Error).message));
}
