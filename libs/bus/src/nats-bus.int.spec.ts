import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newSessionId, type ParleyEvent } from '@parley/contracts';
import { deadline, startBroker, type Broker } from '@parley/testing';
import { holdsWithin } from '../spec-support/holds.js';
import { FRAME, OPENED, openSession } from '../spec-support/sessions.js';
import { DEFAULT_STREAM_SETTINGS, connectBus, type BusOptions, type ClaimLease, type ConnectedBus } from './index.js';

const holds = holdsWithin(3000);

let broker: Broker;
const buses: ConnectedBus[] = [];

async function join(stage: BusOptions['stage'], options: Partial<BusOptions> = {}): Promise<ConnectedBus> {
  const bus = await connectBus({ url: broker.url, stage, ...options });
  buses.push(bus);
  return bus;
}

describe('bus on a real nats-server', () => {
  beforeAll(async () => {
    broker = await startBroker();
    await join('gateway', { provision: { settings: { ...DEFAULT_STREAM_SETTINGS, leaseMs: 1000 } } });
  });
  afterEach(async () => {
    await Promise.all(buses.splice(1).map((bus) => bus.close()));
  });
  afterAll(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
    await broker.stop();
  });

  it('gives a late reader the backlog and then what comes live, each once and in order', async () => {
    const gateway = buses[0] as ConnectedBus;
    const stt = await join('stt');
    const { sessionId, writer } = await openSession(gateway);
    await writer.publish('session.opened', OPENED);
    for (let i = 0; i < 20; i++) writer.audio('in', { ...FRAME, pts: i * 320 });
    const events: ParleyEvent[] = [];
    const frames: number[] = [];
    const replayed: boolean[] = [];
    const feed = await stt.feed({
      sessionId,
      kinds: ['session'],
      audio: 'in',
      onEvent: (event, context) => {
        events.push(event);
        replayed.push(context.replayed);
      },
      onFrame: (frame) => frames.push(frame.pts / 320),
    });
    for (let i = 20; i < 40; i++) writer.audio('in', { ...FRAME, pts: i * 320 });
    await writer.publish('session.closed', { reason: 'caller_ended' });
    await holds(() => expect(frames).toHaveLength(40), 'all frames');
    await holds(() => expect(events).toHaveLength(2), 'all events');
    expect(frames).toEqual([...Array(40).keys()]);
    expect(events.map(({ type }) => type)).toEqual(['session.opened', 'session.closed']);
    expect(replayed[0]).toBe(true);
    feed.close();
  });

  it('keeps sessions apart', async () => {
    const gateway = buses[0] as ConnectedBus;
    const stt = await join('stt');
    const [a, b] = [await openSession(gateway), await openSession(gateway)];
    const heard: string[] = [];
    const feed = await stt.feed({
      sessionId: a.sessionId,
      kinds: ['session'],
      onEvent: (event) => heard.push(event.type === 'session.text' ? event.text : event.type),
    });
    await b.writer.publish('session.text', { text: 'for b' });
    await a.writer.publish('session.text', { text: 'for a' });
    await holds(() => expect(heard).toContain('for a'), "a's text");
    expect(heard).toEqual(['for a']);
    feed.close();
  });

  it('gives each owner a higher epoch and knows the newest', async () => {
    const gateway = buses[0] as ConnectedBus;
    const sessionId = newSessionId();
    const first = await gateway.acquire('stt', sessionId);
    const second = await gateway.acquire('stt', sessionId);
    expect(second).toBeGreaterThan(first);
    await expect(gateway.isOwner('stt', sessionId, first)).resolves.toBe(false);
    await expect(gateway.isOwner('stt', sessionId, second)).resolves.toBe(true);
  });

  it("does not deliver a superseded owner's events once the new owner has claimed", async () => {
    const [one, two, reader] = [await join('agent'), await join('agent'), await join('tts')];
    const sessionId = newSessionId();
    const old = one.writer({ stage: 'agent', sessionId, epoch: await one.acquire('agent', sessionId) });
    await old.publish('stage.claimed', { replica: one.replica, deliveries: 1 });
    const seen: string[] = [];
    const feed = await reader.feed({
      sessionId,
      kinds: ['reply'],
      onEvent: (event) => seen.push(event.type === 'reply.sentence' ? event.text : event.type),
    });
    await old.publish('reply.sentence', { reply: 1, sentence: 0, text: 'before', spoken: 'before' });
    const fresh = two.writer({ stage: 'agent', sessionId, epoch: await two.acquire('agent', sessionId) });
    await fresh.publish('stage.claimed', { replica: two.replica, deliveries: 2 });
    await old.publish('reply.sentence', { reply: 1, sentence: 1, text: 'zombie', spoken: 'zombie' });
    await fresh.publish('reply.sentence', { reply: 1, sentence: 1, text: 'after', spoken: 'after' });
    await holds(() => expect(seen).toContain('after'), "the new owner's sentence");
    expect(seen).toEqual(['before', 'after']);
    feed.close();

    const replay: string[] = [];
    const again = await reader.feed({
      sessionId,
      kinds: ['reply'],
      onEvent: (event) => replay.push(event.type === 'reply.sentence' ? event.text : event.type),
    });
    expect(replay).toEqual(['before', 'after']);
    again.close();
  });

  it('hands a claim to one replica, and to another one when it is handed back', async () => {
    const gateway = buses[0] as ConnectedBus;
    const [one, two] = [await join('stt'), await join('stt')];
    const taken: { by: string; lease: ClaimLease }[] = [];
    const take = (bus: ConnectedBus) =>
      bus.claims('stt', {
        free: () => (taken.some(({ by }) => by === bus.replica) ? 0 : 10),
        onClaim: (lease) => taken.push({ by: bus.replica, lease }),
        onLost: () => undefined,
      });
    const workers = [await take(one), await take(two)];
    const sessionId = newSessionId();
    await gateway.offer('stt', sessionId);
    await holds(() => expect(taken).toHaveLength(1), 'the first owner');
    expect(taken[0]?.lease).toMatchObject({ deliveries: 1, claim: { sessionId, gateway: gateway.replica } });
    taken[0]?.lease.handBack();
    await holds(() => expect(taken).toHaveLength(2), 'the second owner');
    expect(taken[1]?.lease.deliveries).toBe(2);
    await expect(taken[1]?.lease.done()).resolves.toBe(true);
    await Promise.all(workers.map((worker) => worker.close()));
  });

  it('keeps a lease while it is renewed and redelivers it when its holder is gone', async () => {
    const gateway = buses[0] as ConnectedBus;
    const [one, two] = [await join('tts'), await join('tts')];
    const holders: string[] = [];
    const take = (bus: ConnectedBus) =>
      bus.claims('tts', { free: () => 10, onClaim: () => holders.push(bus.replica), onLost: () => undefined });
    const first = await take(one);
    await gateway.offer('tts', newSessionId());
    await holds(() => expect(holders).toEqual([one.replica]), 'the first holder');
    const second = await take(two);
    // Twice the lease: only renewal can have kept it.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(holders).toEqual([one.replica]);
    await first.close();
    await holds(() => expect(holders).toEqual([one.replica, two.replica]), 'the second', 5000);
    await second.close();
  });

  it('says which stages are alive, and when the last replica goes', async () => {
    const gateway = buses[0] as ConnectedBus;
    const agent = await join('agent');
    const changes: string[] = [];
    const stop = gateway.presence.onChange((stage, alive) => changes.push(`${stage} ${alive}`));
    const silence = agent.announce(() => ({ stage: 'agent', state: 'running', sessions: 3, capacity: 9 }));
    await holds(() => expect(gateway.presence.live('agent')).toHaveLength(1), 'a live agent');
    expect(gateway.presence.live('agent')[0]).toMatchObject({ replica: agent.replica, sessions: 3, capacity: 9 });
    silence();
    await holds(() => expect(changes).toEqual(['agent true', 'agent false']), 'gone', 5000);
    stop();
  });

  it('refuses to shrink a stream unless told to', async () => {
    const smaller = { ...DEFAULT_STREAM_SETTINGS, eventsMaxAgeMs: 60_000 };
    await expect(
      connectBus({ url: broker.url, stage: 'gateway', provision: { settings: smaller } }),
    ).rejects.toMatchObject({
      code: 'stream_conflict',
    });
  });

  it('says what to do when no broker answers', async () => {
    const attempt = connectBus({ url: 'nats://127.0.0.1:1', stage: 'stt', connectTimeoutMs: 300 });
    await expect(deadline(attempt, 10_000, 'the refusal')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('set NATS_URL') as unknown,
    });
  });

  it('stores what was written while the broker was down, and delivers it', async () => {
    const own = await startBroker();
    const settings = { ...DEFAULT_STREAM_SETTINGS };
    const gateway = await connectBus({ url: own.url, stage: 'gateway', provision: { settings } });
    const reader = await connectBus({ url: own.url, stage: 'agent' });
    try {
      const { sessionId, writer } = await openSession(gateway);
      await writer.publish('session.opened', OPENED);
      const seen: string[] = [];
      const feed = await reader.feed({
        sessionId,
        kinds: ['session'],
        onEvent: (event) => seen.push(event.type === 'session.text' ? event.text : event.type),
      });
      await own.kill();
      const published = writer.publish('session.text', { text: 'said meanwhile' });
      await own.restart();
      await deadline(published, 8000, 'the acknowledgement');
      await writer.publish('session.text', { text: 'said afterwards' });
      await holds(
        () => expect(seen).toEqual(['session.opened', 'said meanwhile', 'said afterwards']),
        'everything said',
        8000,
      );
      feed.close();
    } finally {
      await Promise.all([gateway.close(), reader.close()]);
      await own.stop();
    }
  }, 40_000);
});
