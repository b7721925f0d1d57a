import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newSessionId } from '@parley/contracts';
import { deadline, startBroker, startRelay, type Broker } from '@parley/testing';
import { CountedMetrics } from '../spec-support/counted-metrics.js';
import { holdsWithin } from '../spec-support/holds.js';
import { FRAME, listen, openSession, Owner } from '../spec-support/sessions.js';
import { DEFAULT_STREAM_SETTINGS, STREAMS, connectBus, type BusOptions, type ConnectedBus } from './index.js';

const LEASE_MS = 1000;
const provision = { settings: { ...DEFAULT_STREAM_SETTINGS, leaseMs: LEASE_MS } };
const holds = holdsWithin(8000);

let broker: Broker;
let counted: CountedMetrics;
let gateway: ConnectedBus;
const buses: ConnectedBus[] = [];

async function join(stage: BusOptions['stage'], options: Partial<BusOptions> = {}): Promise<ConnectedBus> {
  const bus = await connectBus({ url: broker.url, stage, metrics: counted.metrics, ...options });
  buses.push(bus);
  return bus;
}

function sleep(ms: number) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

beforeEach(async () => {
  broker = await startBroker();
  counted = new CountedMetrics();
  gateway = await join('gateway', { provision });
});
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
  await broker.stop();
});

describe('broker restart', () => {
  it.each([
    ['killed', () => broker.kill()],
    ['stopped', async () => undefined],
  ])(
    'delivers everything once, in order, over a server that was %s',
    async (_, end) => {
      const stt = await join('stt');
      const { sessionId, writer } = await openSession(gateway);
      const heard = await listen(stt, sessionId, true);
      await writer.publish('session.text', { text: 'before' });
      for (let n = 0; n < 5; n++) writer.audio('in', { ...FRAME, pts: n * 320 });
      await holds(() => expect(heard.frames).toHaveLength(5), 'frames before');
      await end();
      const meanwhile = writer.publish('session.text', { text: 'meanwhile' });
      for (let n = 5; n < 10; n++) writer.audio('in', { ...FRAME, pts: n * 320 });
      await broker.restart();
      await deadline(meanwhile, 8000, 'acknowledgement');
      await writer.publish('session.text', { text: 'after' });
      writer.audio('in', { ...FRAME, pts: 10 * 320 });
      await holds(() => expect(heard.texts).toEqual(['before', 'meanwhile', 'after']), 'texts');
      await holds(() => expect(heard.frames).toEqual([...Array(11).keys()]), 'frames');
      expect(heard.lost).toBe(0);
      expect(counted.total('publishFailed')).toBe(0);
      const late = await listen(stt, sessionId, true);
      expect(late.texts).toEqual(['before', 'meanwhile', 'after']);
      await holds(() => expect(late.frames).toEqual([...Array(11).keys()]), 'frames in the log');
      expect(counted.total('streamsRemade')).toBe(0);
    },
    30_000,
  );

  it('makes voice that was kept in memory anew', async () => {
    const other = await startBroker();
    try {
      const settings = { ...provision.settings, audioStorage: 'memory' as const };
      await join('gateway', { url: other.url, provision: { settings } });
      await other.restart();
      await holds(() => expect(counted.total('streamsRemade', { stream: STREAMS.audio })).toBe(1), 'the stream');
      expect(counted.total('streamsRemade')).toBe(1);
    } finally {
      await Promise.all(buses.splice(0).map((bus) => bus.close()));
      await other.stop();
    }
  });

  it('gives a feed what was stored while its own connection was away, with nothing live behind it', async () => {
    const relay = await startRelay(broker.url);
    try {
      const reader = await join('agent', { url: relay.url });
      const { sessionId, writer } = await openSession(gateway);
      const heard = await listen(reader, sessionId, true);
      await writer.publish('session.text', { text: 'one' });
      await holds(() => expect(heard.texts).toEqual(['one']), 'first text');
      relay.cut();
      await holds(() => expect(reader.connected).toBe(false), 'loss of the connection');
      await writer.publish('session.text', { text: 'two' });
      writer.audio('in', { ...FRAME, pts: 0 });
      const other = await openSessionOwner(sessionId);
      await other.publish('reply.sentence', { reply: 1, sentence: 0, text: 'of a new lane', spoken: '' });
      relay.mend();
      await holds(() => expect(heard.texts).toEqual(['one', 'two', 'of a new lane']), 'what was missed');
      await holds(() => expect(heard.frames).toEqual([0]), 'the frame that was missed');
      expect(counted.total('resynced')).toBe(1);
    } finally {
      await relay.stop();
    }
  }, 30_000);

  it('waits for the broker in every operation, and says unavailable at the deadline', async () => {
    const bus = await join('stt', { operationTimeoutMs: 700 });
    const { sessionId } = await openSession(gateway);
    await broker.kill();
    const feed = { sessionId, kinds: ['session'] as const, onEvent: () => undefined };
    const attempts = [
      bus.acquire('stt', sessionId),
      bus.isOwner('stt', sessionId, 1),
      bus.feed(feed),
      bus.lastFrame('in', sessionId),
    ];
    for (const attempt of await deadline(Promise.allSettled(attempts), 5000, 'refusals')) {
      expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'unavailable', retryable: true } });
    }
    await expect(bus.offer('stt', sessionId)).rejects.toMatchObject({ code: 'publish_failed', retryable: true });
  }, 30_000);

  it('finishes operations that began while the broker was away', async () => {
    const { sessionId, writer } = await openSession(gateway);
    await writer.publish('session.text', { text: 'kept' });
    await broker.kill();
    const epoch = gateway.acquire('agent', sessionId);
    const heard = listen(gateway, sessionId);
    const offer = gateway.offer('agent', sessionId);
    await sleep(300);
    await broker.restart();
    expect(await deadline(epoch, 8000, 'epoch')).toBeGreaterThan(0);
    expect((await deadline(heard, 8000, 'feed')).texts).toEqual(['kept']);
    await deadline(offer, 8000, 'offer');
    await expect(gateway.isOwner('agent', sessionId, await epoch)).resolves.toBe(true);
  }, 30_000);
});

describe('leases over an outage', () => {
  it('stay with their owners when the broker was away for all for longer than the lease', async () => {
    const [one, two] = [await Owner.start(await join('agent')), await Owner.start(await join('agent'))];
    const sessions = Array.from({ length: 6 }, () => newSessionId());
    for (const sessionId of sessions) await gateway.offer('agent', sessionId);
    await holds(() => expect(one.taken.length + two.taken.length).toBe(6), 'owners');
    await broker.kill();
    await sleep(2.5 * LEASE_MS);
    await broker.restart();
    // Long enough for a lease that is not renewed to be given to the other one.
    await sleep(3 * LEASE_MS);
    expect(one.lost.length + two.lost.length).toBe(0);
    expect(one.taken.length + two.taken.length).toBe(6);
    for (const lease of [...one.taken, ...two.taken]) await expect(lease.done()).resolves.toBe(true);
    await sleep(1.5 * LEASE_MS);
    expect(one.taken.length + two.taken.length).toBe(6);
  }, 30_000);

  it('stay with their owners when the server froze for longer than the lease', async () => {
    const [one, two] = [await Owner.start(await join('agent')), await Owner.start(await join('agent'))];
    for (let n = 0; n < 6; n++) await gateway.offer('agent', newSessionId());
    await holds(() => expect(one.taken.length + two.taken.length).toBe(6), 'owners');
    await broker.pause();
    await sleep(2 * LEASE_MS);
    await broker.resume();
    await sleep(3 * LEASE_MS);
    expect(one.lost.length + two.lost.length).toBe(0);
    expect(one.taken.length + two.taken.length).toBe(6);
  }, 30_000);

  it('are lost by an owner who alone was cut off, whose late words nobody hears', async () => {
    const relay = await startRelay(broker.url);
    try {
      const cutOff = await Owner.start(await join('agent', { url: relay.url }));
      const sessionId = newSessionId();
      await gateway.offer('agent', sessionId);
      await holds(() => expect(cutOff.taken).toHaveLength(1), 'first owner');
      const heard = await listen(await join('tts'), sessionId);
      await cutOff.say(sessionId, 'first');
      relay.cut();
      const late = cutOff.say(sessionId, 'late').catch(() => undefined);
      const next = await Owner.start(await join('agent'));
      await holds(() => expect(next.taken).toHaveLength(1), 'second owner');
      await next.say(sessionId, 'second');
      relay.mend();
      await holds(() => expect(cutOff.lost).toHaveLength(1), 'loss of the lease');
      await deadline(late, 8000, 'end of the late words');
      await next.say(sessionId, 'third');
      await holds(() => expect(heard.texts).toContain('third'), 'third');
      expect(heard.texts).toEqual(['first', 'second', 'third']);
      expect(counted.total('fenced')).toBeGreaterThan(0);
      expect(next.lost).toHaveLength(0);
    } finally {
      await relay.stop();
    }
  }, 30_000);

  it('go to another replica when their owner died while the broker was away', async () => {
    const dying = await Owner.start(await join('agent'));
    const sessionId = newSessionId();
    await gateway.offer('agent', sessionId);
    await holds(() => expect(dying.taken).toHaveLength(1), 'first owner');
    const next = await Owner.start(await join('agent'));
    await broker.kill();
    await dying.close();
    await broker.restart();
    await holds(() => expect(next.taken).toHaveLength(1), 'second owner', 10_000);
    expect(next.taken[0]?.claim.sessionId).toBe(sessionId);
  }, 30_000);

  it('are given up when the broker stays away for too long', async () => {
    const owner = await Owner.start(await join('agent', { outageMs: 1000 }));
    await gateway.offer('agent', newSessionId());
    await holds(() => expect(owner.taken).toHaveLength(1), 'owner');
    await broker.kill();
    await holds(() => expect(owner.lost).toHaveLength(1), 'loss of the lease');
    expect(counted.total('claims', { outcome: 'lost' })).toBe(1);
  }, 30_000);
});

async function openSessionOwner(sessionId: string) {
  const epoch = await gateway.acquire('agent', sessionId);
  return gateway.writer({ stage: 'agent', sessionId, epoch });
}
