import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { newSessionId } from '@parley/contracts';
import { deadline, eventually, startCluster, type Broker, type Cluster } from '@parley/testing';
import { CountedMetrics } from '../spec-support/counted-metrics.js';
import { holdsWithin } from '../spec-support/holds.js';
import { FRAME, listen, openSession, Owner } from '../spec-support/sessions.js';
import { DEFAULT_STREAM_SETTINGS, STREAMS, connectBus, type BusOptions, type ConnectedBus } from './index.js';

const LEASE_MS = 1500;
const settings = { ...DEFAULT_STREAM_SETTINGS, replicas: 3, leaseMs: LEASE_MS };
const holds = holdsWithin(15_000);

let cluster: Cluster;
let gateway: ConnectedBus;
let counted = new CountedMetrics();
const buses: ConnectedBus[] = [];
const down: Broker[] = [];

async function join(stage: BusOptions['stage'], options: Partial<BusOptions> = {}): Promise<ConnectedBus> {
  const bus = await connectBus({ url: cluster.url, stage, metrics: counted.metrics, ...options });
  buses.push(bus);
  return bus;
}

async function leaderOf(stream: string): Promise<Broker> {
  const connection = await connect({ servers: cluster.url.split(',') });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const name = await eventually(async () => (await manager.streams.info(stream)).cluster?.leader, { what: 'leader', deadlineMs: 15_000 }); // prettier-ignore
  await connection.close();
  return cluster.servers.get(name) as Broker;
}

describe('three servers', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    gateway = await eventually(() => join('gateway', { provision: { settings } }), { what: 'streams', deadlineMs: 20_000 }); // prettier-ignore
  }, 30_000);
  afterEach(async () => {
    counted = new CountedMetrics();
    for (const server of down.splice(0)) await server.restart();
  });
  afterAll(async () => {
    await Promise.all(buses.map((bus) => deadline(bus.close(), 5000, 'close').catch(() => undefined)));
    await cluster.stop();
  }, 20_000);

  it('lose nothing of a session when the leader of its events is killed', async () => {
    const reader = await join('stt');
    const { sessionId, writer } = await openSession(gateway);
    const heard = await listen(reader, sessionId, true);
    const leader = await leaderOf(STREAMS.events);
    const written: Promise<unknown>[] = [];
    const write = (n: number) => {
      written.push(writer.publish('session.text', { text: `${n}` }));
      writer.audio('in', { ...FRAME, pts: n * 320 });
    };
    for (let n = 0; n < 20; n++) write(n);
    await leader.kill();
    down.push(leader);
    for (let n = 20; n < 40; n++) write(n);
    await deadline(Promise.all(written), 20_000, 'acknowledgements');
    await holds(() => expect(heard.texts).toEqual([...Array(40).keys()].map(String)), 'texts');
    await holds(() => expect(heard.frames).toEqual([...Array(40).keys()]), 'frames');
    expect(heard.lost).toBe(0);
    expect(counted.total('publishFailed')).toBe(0);
  }, 30_000);

  it('hear one owner only when the server of the other one froze for longer than the lease', async () => {
    const listener = await join('tts');
    const sessionId = newSessionId();
    const frozen = cluster.servers.get('n1') as Broker;
    const first = await Owner.start(await join('agent', { url: frozen.url }));
    await eventually(() => gateway.offer('agent', sessionId).then(() => true), { what: 'offer', deadlineMs: 15_000 });
    await holds(() => expect(first.taken).toHaveLength(1), 'first owner');
    const heard = await listen(listener, sessionId);
    await first.say(sessionId, 'first');
    await frozen.pause();
    const late = first.say(sessionId, 'said while cut off').catch(() => undefined);
    const next = await Owner.start(await join('agent', { url: (cluster.servers.get('n2') as Broker).url }));
    try {
      // Either the first owner finds another server in time and keeps the session, or the second one has it.
      await eventually(() => next.taken.length > 0 || first.bus.connected, { what: 'an owner', deadlineMs: 15_000 });
      await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    } finally {
      await frozen.resume();
    }
    await deadline(late, 20_000, 'end of the late words');
    // A take-over may still be under way: whoever is the newest owner by the bucket has the last words.
    const last = await eventually(
      async () => {
        for (const owner of [next, first]) {
          const epoch = owner.writers.get(sessionId)?.epoch;
          if (epoch === undefined || !(await gateway.isOwner('agent', sessionId, epoch))) continue;
          await owner.say(sessionId, `last of ${epoch}`);
          if (heard.texts.includes(`last of ${epoch}`)) return owner;
        }
        return undefined;
      },
      { what: 'owner that is heard', deadlineMs: 20_000, intervalMs: 200 },
    );
    if (last === next) {
      await holds(() => expect(first.lost).toHaveLength(1), 'loss of the lease');
      await first.say(sessionId, 'a ghost').catch(() => undefined);
      await next.say(sessionId, 'the end');
      await holds(() => expect(heard.texts).toContain('the end'), 'the end');
    }
    expect(heard.texts).not.toContain('a ghost');
    // A reader of the log sees what the live one saw, once the server it reads from has caught up.
    await eventually(async () => String((await listen(listener, sessionId)).texts) === String(heard.texts), { what: 'the same log', deadlineMs: 15_000 }); // prettier-ignore
    expect(heard.lost).toBe(0);
  }, 40_000);

  it('open sessions while a server that was killed still counts as one of them', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => openSession(gateway)));
    const said = [...Array(30).keys()].map(String);
    for (const { writer } of sessions) await Promise.all(said.map((text) => writer.publish('session.text', { text })));
    const leader = await leaderOf(STREAMS.events);
    const other = [...cluster.servers.values()].find((server) => server !== leader) as Broker;
    await other.kill();
    down.push(other);
    const reader = await join('agent', { url: leader.url });
    const heard = await Promise.all(sessions.map(({ sessionId }) => listen(reader, sessionId)));
    expect(heard.map(({ texts }) => texts)).toEqual(sessions.map(() => said));
  }, 40_000);
});
