import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { FakeBus, eventually } from '@parley/testing';
import { startGateway, startReplica } from '../spec-support/replica.js';

const FRAME = { codec: 'pcm_s16le', sampleRateHz: 16_000, reply: 0, sentence: 0, pts: 0, lastOfSentence: false, lastOfReply: false, payload: new Uint8Array(4) } as const; // prettier-ignore

const hosts: { drain(): Promise<void> }[] = [];

async function setUp(options: Parameters<typeof startReplica>[2] = {}) {
  const bus = new FakeBus();
  const gateway = await startGateway(bus);
  const join = async (name: string) => {
    const replica = await startReplica(bus, name, options);
    hosts.push(replica.host);
    return replica;
  };
  return { bus, gateway, join, first: await join('stt-1') };
}

afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(hosts.splice(0).map((host) => host.drain()));
});

describe('SessionHost', () => {
  it('warms the engines before it claims', async () => {
    const { first } = await setUp();
    expect(first.logic.told).toEqual(['warm']);
  });

  it('takes no more sessions than its capacity, and the waiting one when there is room', async () => {
    const { bus, gateway, first } = await setUp({ capacity: 2 });
    const sessions = [await gateway.open(), await gateway.open(), await gateway.open()];
    expect(first.host.size).toBe(2);
    expect(first.logic.sessions).toHaveLength(2);
    await sessions[0]?.writer.publish('session.closed', { reason: 'hangup' });
    const held = async () => (await bus.settled(), first.host.size === 2);
    await eventually(held, { what: 'third session' });
    expect(first.logic.last.owned.sessionId).toBe(sessions[2]?.sessionId);
  });

  it('hands every session over when it drains, and takes none afterwards', async () => {
    const { bus, gateway, join, first } = await setUp();
    const one = await gateway.open();
    const two = await gateway.open();
    const second = await join('stt-2');
    await first.host.drain();
    await bus.settled();
    expect(first.host.size).toBe(0);
    expect(first.logic.sessions.map(({ told }) => told.at(-1))).toEqual(['close drained', 'close drained']);
    expect(first.logic.told.at(-1)).toBe('close');
    expect(second.logic.sessions.map(({ owned }) => owned.sessionId)).toEqual([one.sessionId, two.sessionId]);
    expect(second.logic.sessions.map(({ owned }) => owned.takeover)).toEqual([true, true]);
    await second.host.drain();
    await gateway.open();
    expect(first.host.size + second.host.size).toBe(0);
    expect(bus.offered('stt')).toHaveLength(3);
    await expect(first.logic.last.owned.writer.publish('speech.started', { utterance: 1, pts: 0 })).rejects.toMatchObject({ code: 'writer_closed' }); // prettier-ignore
  });

  it('resolves a second drain only when the first has handed everything over', async () => {
    const { gateway, first } = await setUp();
    await gateway.open();
    let release = () => {};
    first.logic.last.closing = () => new Promise((resolve) => (release = resolve));
    const order: string[] = [];
    const drains = [first.host.drain(), first.host.drain()].map((drain) => drain.then(() => order.push('drained')));
    await new Promise((resolve) => setImmediate(resolve));
    order.push('released');
    release();
    await Promise.all(drains);
    expect(order).toEqual(['released', 'drained', 'drained']);
  });

  it('opens nothing and marks nothing when it drains while a session is being taken', async () => {
    const { bus, gateway, first } = await setUp();
    let take = () => {};
    first.bus.acquire = async () => {
      await new Promise<void>((resolve) => (take = resolve));
      return bus.acquire('stt', 'unrelated');
    };
    const { sessionId } = await gateway.open();
    const drained = first.host.drain();
    take();
    await drained;
    expect(bus.events(sessionId, 'stage.claimed')).toEqual([]);
    expect(first.logic.sessions).toEqual([]);
    expect(bus.offered('stt')).toEqual([sessionId]);
  });

  it('closes a session that was being opened when it drains', async () => {
    const { bus, gateway, first } = await setUp();
    let opened = () => {};
    first.logic.opening = () => new Promise((resolve) => (opened = resolve));
    const { sessionId } = await gateway.open();
    const drained = first.host.drain();
    opened();
    await drained;
    expect(first.logic.last.told).toEqual(['close drained']);
    expect(bus.offered('stt')).toEqual([sessionId]);
  });

  it('begins anew with a session that comes back after its lease was lost', async () => {
    const { bus, gateway, first } = await setUp();
    const { sessionId } = await gateway.open();
    bus.expire('stt', sessionId);
    await bus.settled();
    expect(first.host.size).toBe(1);
    const [lost, current] = first.logic.sessions;
    expect(lost?.told.at(-1)).toBe('close lost');
    expect(current?.owned).toMatchObject({ sessionId, epoch: 2, takeover: true });
    expect(current?.told.at(-1)).toBe('live');
    expect(await first.counted('parley_stage_sessions_ended_total{reason="lost"')).toBe(1);
  });

  it('waits with a session that comes back until the old one is closed', async () => {
    const { bus, gateway, first } = await setUp();
    const { sessionId } = await gateway.open();
    let closed = () => {};
    first.logic.last.closing = () => new Promise((resolve) => (closed = resolve));
    bus.expire('stt', sessionId);
    await bus.settled();
    expect(first.logic.sessions).toHaveLength(1);
    closed();
    await bus.settled();
    expect(first.logic.sessions).toHaveLength(2);
    expect(first.host.size).toBe(1);
  });

  it('ends a session whose gateway has been gone for longer than it may, and no other', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const { bus, gateway, first } = await setUp({ orphanAfterMs: 5000 });
    const other = await startGateway(bus, 'gateway-2');
    const kept = await other.open();
    const orphan = await gateway.open();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(first.host.size).toBe(2);
    gateway.silence();
    await jest.advanceTimersByTimeAsync(4000);
    expect(first.host.size).toBe(2);
    await jest.advanceTimersByTimeAsync(3000);
    await bus.settled();
    expect(bus.offered('stt')).toEqual([kept.sessionId]);
    expect(first.logic.sessions.map(({ owned, told }) => [owned.sessionId, told.at(-1)])).toEqual([
      [kept.sessionId, 'stage.settled'],
      [orphan.sessionId, 'close orphaned'],
    ]);
    expect(bus.events(orphan.sessionId).slice(-2)).toMatchObject([
      { type: 'session.closed', reason: 'resume_expired', stage: 'stt' },
      { type: 'stage.released', reason: 'orphaned', replica: 'stt-1' },
    ]);
    expect(bus.events(kept.sessionId, 'session.closed')).toEqual([]);
  });

  it('keeps a session whose gateway comes back in time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const { bus, gateway, first } = await setUp({ orphanAfterMs: 5000 });
    await gateway.open();
    for (let i = 0; i < 3; i++) {
      gateway.silence();
      await jest.advanceTimersByTimeAsync(4000);
      gateway.silence = (await startGateway(bus)).silence;
      await jest.advanceTimersByTimeAsync(2000);
    }
    expect(first.host.size).toBe(1);
  });

  it('goes by the gateway that resumed the session last', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const { bus, gateway, first } = await setUp({ orphanAfterMs: 5000 });
    const { sessionId } = await gateway.open();
    gateway.silence();
    await jest.advanceTimersByTimeAsync(3000);
    const other = await startGateway(bus, 'gateway-2');
    const epoch = await other.bus.acquire('gateway', sessionId);
    await other.bus.writer({ stage: 'gateway', sessionId, epoch }).publish('session.resumed', { replica: 'gateway-2' });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(first.host.size).toBe(1);
    bus.expire('stt', sessionId);
    await bus.settled();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(first.host.size).toBe(1);
    other.silence();
    await jest.advanceTimersByTimeAsync(7000);
    await bus.settled();
    expect(bus.events(sessionId, 'session.closed')).toMatchObject([{ reason: 'resume_expired' }]);
    expect(bus.offered('stt')).toEqual([]);
  });

  it('does not take the silence of an absent broker for that of the gateways', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const { gateway, first } = await setUp({ orphanAfterMs: 5000 });
    await gateway.open();
    gateway.silence();
    await jest.advanceTimersByTimeAsync(3000);
    first.bus.connected = false;
    await jest.advanceTimersByTimeAsync(60_000);
    first.bus.connected = true;
    await jest.advanceTimersByTimeAsync(4000);
    expect(first.host.size).toBe(1);
    await jest.advanceTimersByTimeAsync(4000);
    expect(first.host.size).toBe(0);
  });

  it('hands a hundred sessions over, some at a time', async () => {
    const { bus, gateway, join, first } = await setUp({ capacity: 200 });
    const sessionIds: string[] = [];
    for (let i = 0; i < 100; i++) sessionIds.push((await gateway.open()).sessionId);
    const second = await join('stt-2');
    let [closing, most] = [0, 0];
    for (const session of first.logic.sessions) {
      session.closing = async () => {
        most = Math.max(most, ++closing);
        await new Promise((resolve) => setImmediate(resolve));
        closing--;
      };
    }
    await first.host.drain();
    await bus.settled();
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(100);
    expect(second.logic.sessions.map(({ owned }) => owned.sessionId).sort()).toEqual(sessionIds.sort());
    for (const id of sessionIds) {
      expect(bus.events(id).map(({ type }) => type)).toEqual(['stage.claimed', 'stage.released', 'stage.claimed']);
    }
  });

  it('hands over busy sessions last, and waits for them while it drains', async () => {
    const { bus, gateway, join, first } = await setUp();
    const busy = await gateway.open();
    const resting = await gateway.open();
    const second = await join('stt-2');
    second.bus.announce(() => ({ stage: 'stt', state: 'running', sessions: 0, capacity: 10 }));
    const [writing] = first.logic.sessions;
    if (writing) writing.busy = true;
    const drained = first.host.drain();
    await eventually(() => second.logic.sessions.length === 1, { what: 'the one that is not busy' });
    expect(second.logic.last.owned.sessionId).toBe(resting.sessionId);
    expect(bus.events(busy.sessionId, 'stage.released')).toEqual([]);
    if (writing) writing.busy = false;
    await drained;
    await bus.settled();
    expect(second.logic.last.owned.sessionId).toBe(busy.sessionId);
  });

  it('hands over what stays busy when its time is up', async () => {
    const { bus, gateway, join, first } = await setUp();
    const { sessionId } = await gateway.open();
    const second = await join('stt-2');
    second.bus.announce(() => ({ stage: 'stt', state: 'running', sessions: 0, capacity: 10 }));
    first.logic.last.busy = true;
    await first.host.drain();
    await bus.settled();
    expect(second.logic.last.owned).toMatchObject({ sessionId, takeover: true });
  });

  it('reports how many sessions it holds and may hold', async () => {
    const { gateway, first } = await setUp({ capacity: 3 });
    await gateway.open();
    expect(await first.counted('parley_stage_sessions{')).toBe(1);
    expect(await first.counted('parley_stage_capacity{')).toBe(3);
  });

  it('delivers frames and events of the session alone', async () => {
    const { bus, gateway, first } = await setUp();
    const one = await gateway.open();
    const two = await gateway.open();
    one.writer.audio('in', FRAME);
    await two.writer.publish('session.text', { text: 'hi' });
    await bus.settled();
    expect(first.logic.sessions.map(({ told }) => told.slice(-1))).toEqual([['frame 1'], ['session.text']]);
  });
});
