import { afterEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { promisify } from 'node:util';
import { deadline, startBroker, startRelay, type Broker } from '@parley/testing';
import { CountedMetrics } from '../spec-support/counted-metrics.js';
import { holdsWithin } from '../spec-support/holds.js';
import { FRAME, listen, openSession } from '../spec-support/sessions.js';
import { DEFAULT_STREAM_SETTINGS, STREAMS, connectBus, type BusOptions, type ConnectedBus } from './index.js';
import { StreamKeeper } from './stream-keeper.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const small = { ...DEFAULT_STREAM_SETTINGS, audioMaxBytes: 256 * 1024, eventsMaxBytes: 256 * 1024 };
const holds = holdsWithin(10_000);

let broker: Broker;
let counted: CountedMetrics;
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function start(config = ''): Promise<void> {
  counted = new CountedMetrics();
  broker = await startBroker({ how: 'program', config });
  endings.push(() => broker.stop());
}

async function join(stage: BusOptions['stage'], options: Partial<BusOptions> = {}): Promise<ConnectedBus> {
  const bus = await connectBus({ url: broker.url, stage, metrics: counted.metrics, ...options });
  endings.push(() => deadline(bus.close(), 5000, 'close'));
  return bus;
}

async function keeper(): Promise<StreamKeeper> {
  const connection = await connect({ servers: broker.url });
  const keeping = new StreamKeeper(await jetstreamManager(connection), small, counted.metrics);
  endings.push(async () => (keeping.close(), connection.close()));
  return keeping;
}

describe('a full stream', () => {
  it('of events removes the oldest, counted, and goes on storing', async () => {
    await start();
    const gateway = await join('gateway', { provision: { settings: small } });
    const watch = await keeper();
    await watch.look();
    const { sessionId, writer } = await openSession(gateway);
    const text = 'x'.repeat(4000);
    for (let n = 0; n < 100; n++) await writer.publish('session.text', { text });
    await watch.look();
    expect(counted.total('evicted', { stream: STREAMS.events })).toBeGreaterThan(20);
    expect(counted.total('publishFailed')).toBe(0);
    // The reader has what is left, and the missing beginning is no gap.
    const heard = await listen(gateway, sessionId);
    expect(heard.texts.length).toBeGreaterThan(20);
    expect(heard.texts.length).toBeLessThan(100);
    expect(heard.lost).toBe(0);
  }, 20_000);

  it('of voice removes the oldest, counted, and live readers miss nothing', async () => {
    await start();
    const gateway = await join('gateway', { provision: { settings: small } });
    const watch = await keeper();
    await watch.look();
    const { sessionId, writer } = await openSession(gateway);
    const heard = await listen(gateway, sessionId, true);
    for (let n = 0; n < 600; n++) writer.audio('in', { ...FRAME, pts: n * 320 });
    await holds(() => expect(heard.frames).toHaveLength(600), 'all frames');
    await holds(() => expect(writer.unackedFrames).toBe(0), 'acknowledgements');
    await watch.look();
    expect(counted.total('evicted', { stream: STREAMS.audio })).toBeGreaterThan(100);
    const late = await listen(gateway, sessionId, true);
    await holds(() => expect(late.frames.at(-1)).toBe(599), 'the newest');
    expect(late.frames.length).toBeLessThan(600);
    expect(late.lost).toBe(0);
  }, 20_000);
});

describe('a broker out of storage', () => {
  it('that is set so is found at the start: unsupported_broker, with what to change', async () => {
    await start('jetstream { max_file_store: 64MB }');
    const attempt = join('gateway', { provision: { settings: DEFAULT_STREAM_SETTINGS } });
    await expect(attempt).rejects.toMatchObject({
      code: 'unsupported_broker',
      message: expect.stringContaining('EVENTS_MAX_BYTES') as unknown,
    });
  }, 20_000);

  it('because its disk is full fails what it cannot store with publish_failed, counted', async () => {
    const folder = await mkdtemp(joinPath(tmpdir(), 'parley-disk-'));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]).then(
      () => true,
      () => false,
    );
    if (!mounted) {
      process.stderr.write('skipped: mounting a small file system is not allowed here\n');
      return;
    }
    endings.push(() => run('umount', ['-l', folder]));
    await start(`jetstream { store_dir: "${folder}", max_file_store: 2GB }`);
    const gateway = await join('gateway', { provision: { settings: DEFAULT_STREAM_SETTINGS } });
    const { writer } = await openSession(gateway);
    await writer.publish('session.text', { text: 'fits' });
    const outcomes = Array.from({ length: 40 }, () =>
      writer.publish('session.text', { text: 'x'.repeat(MIB / 4) }).then(
        () => 'stored',
        (error: { code: string }) => error.code,
      ),
    );
    const seen = new Set(await deadline(Promise.all(outcomes), 25_000, 'outcomes'));
    expect(seen).toContain('publish_failed');
    expect(counted.total('publishRetried', { kind: 'event' })).toBeGreaterThan(0);
    expect(counted.total('publishFailed', { kind: 'event', reason: 'deadline' })).toBeGreaterThan(0);
  }, 40_000);
});

describe('a reader that is too slow', () => {
  it('is disconnected by the server, counted, and then reads what it missed', async () => {
    await start('max_payload: 65536\nmax_pending: 1048576\nwrite_deadline: "1s"');
    const gateway = await join('gateway', { provision: { settings: DEFAULT_STREAM_SETTINGS } });
    const relay = await startRelay(broker.url);
    endings.push(() => relay.stop());
    const slow = await join('stt', { url: relay.url });
    const { sessionId, writer } = await openSession(gateway);
    const heard = await listen(slow, sessionId, true);
    relay.clog();
    const frames = 20_000;
    for (let n = 0; n < frames; n++) {
      writer.audio('in', { ...FRAME, pts: n * 320 });
      if (n % 500 === 499) await holds(() => expect(writer.unackedFrames).toBe(0), 'acknowledgements');
    }
    await writer.publish('session.text', { text: 'last' });
    relay.mend();
    await holds(() => expect(counted.total('disconnects')).toBeGreaterThan(0), 'disconnection');
    await holds(() => expect(heard.texts).toEqual(['last']), 'the text');
    await holds(() => expect(heard.frames).toHaveLength(frames), 'all frames');
    expect(heard.frames).toEqual([...Array(frames).keys()]);
    expect(heard.lost).toBe(0);
  }, 40_000);
});
