import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ClaimedStage } from '@parley/contracts';
import { FakeBus } from '@parley/testing';
import { startGateway, startReplica } from '../spec-support/replica.js';

const hosts: { drain(): Promise<void> }[] = [];

/** Sessions that owners have crashed with, and a replica that is about to be offered them. */
async function setUp() {
  const bus = new FakeBus();
  const gateway = await startGateway(bus);
  const crashed = async (times: number) => {
    const { sessionId, writer } = await gateway.open();
    for (let i = 1; i <= times; i++) {
      const epoch = await bus.acquire('stt', sessionId);
      const owner = bus.writer({ stage: 'stt', sessionId, epoch });
      await owner.publish('stage.claimed', { replica: `dead-${sessionId}-${i}`, deliveries: i });
    }
    return { sessionId, writer };
  };
  /** The sessions were delivered before: their first delivery goes to a replica that dies at once. */
  const deliver = async () => {
    const worker = await bus.claims('stt' satisfies ClaimedStage, {
      free: () => 100,
      onClaim: () => {},
      onLost: () => {},
    });
    await bus.settled();
    await worker.close();
    for (const sessionId of bus.offered('stt')) bus.expire('stt', sessionId);
  };
  const start = async (options: Parameters<typeof startReplica>[2] = {}) => {
    await deliver();
    const replica = await startReplica(bus, 'stt-1', options);
    hosts.push(replica.host);
    await bus.settled();
    const opened = () => replica.logic.told.filter((each) => each.startsWith('open')).map((each) => each.slice(5));
    return { ...replica, opened };
  };
  return { bus, crashed, start };
}

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(hosts.splice(0).map((host) => host.drain()));
});

describe('a session that crashes its owners', () => {
  it('is opened like any other after one crash', async () => {
    const { bus, crashed, start } = await setUp();
    const sessions = [await crashed(1), await crashed(1), await crashed(0)];
    const { opened } = await start();
    await bus.settled();
    expect(opened().sort()).toEqual(sessions.map(({ sessionId }) => sessionId).sort());
  });

  it('is opened alone from two crashes on, while others are opened at once', async () => {
    const { bus, crashed, start } = await setUp();
    const [a, b, c, sound] = [await crashed(2), await crashed(3), await crashed(2), await crashed(0)];
    const { opened, counted } = await start({ probationMs: 250 });
    expect(opened()).toEqual(expect.arrayContaining([a.sessionId, sound.sessionId]));
    expect(opened()).toHaveLength(2);
    expect(await counted('parley_stage_suspects{')).toBe(2);
    expect(bus.events(b.sessionId, 'stage.claimed').map(({ replica }) => replica)).not.toContain('stt-1');
    await jest.advanceTimersByTimeAsync(250);
    await bus.settled();
    expect(opened().slice(2)).toEqual([c.sessionId]);
    await jest.advanceTimersByTimeAsync(250);
    await bus.settled();
    expect(opened().slice(2)).toEqual([c.sessionId, b.sessionId]);
  });

  it('is alone until it has settled when one more crash would be its last', async () => {
    const { bus, crashed, start } = await setUp();
    const [a, b] = [await crashed(4), await crashed(4)];
    const { opened } = await start({ probationMs: 250 });
    await jest.advanceTimersByTimeAsync(4900);
    await bus.settled();
    expect(opened()).toEqual([a.sessionId]);
    await jest.advanceTimersByTimeAsync(200);
    await bus.settled();
    expect(bus.events(a.sessionId, 'stage.settled')).toHaveLength(1);
    expect(opened()).toEqual([a.sessionId, b.sessionId]);
  });

  it('is closed unopened after five, and its log says why', async () => {
    const { bus, crashed, start } = await setUp();
    const { sessionId } = await crashed(5);
    const { opened, host, counted } = await start();
    await bus.settled();
    expect(opened()).toEqual([]);
    expect(bus.events(sessionId).slice(-4)).toMatchObject([
      { type: 'stage.claimed', replica: 'stt-1', epoch: 6 },
      { type: 'stage.failed', code: 'session_poisoned', retryable: false },
      { type: 'session.closed', reason: 'session_poisoned' },
      { type: 'stage.released', reason: 'poisoned' },
    ]);
    expect(host.size).toBe(0);
    expect(bus.offered('stt')).toEqual([]);
    expect(await counted('parley_stage_sessions_ended_total{reason="poisoned"')).toBe(1);
  });

  it('is only released when it was closed meanwhile', async () => {
    const { bus, crashed, start } = await setUp();
    const { sessionId, writer } = await crashed(5);
    await writer.publish('session.closed', { reason: 'hangup' });
    await start();
    await bus.settled();
    expect(bus.events(sessionId, 'session.closed')).toHaveLength(1);
    expect(bus.events(sessionId, 'stage.failed')).toEqual([]);
    expect(bus.offered('stt')).toEqual([]);
  });

  it('is handed over unmarked when the replica drains before its turn', async () => {
    const { bus, crashed, start } = await setUp();
    const [a, b] = [await crashed(2), await crashed(2)];
    const { host, opened } = await start();
    await host.drain();
    await bus.settled();
    expect(opened()).toEqual([a.sessionId]);
    expect(bus.events(b.sessionId, 'stage.claimed')).toHaveLength(2);
    expect(bus.offered('stt')).toEqual([a.sessionId, b.sessionId]);
  });

  it('is handed back after an error that nobody caught, and is blamed for it', async () => {
    const { bus, crashed, start } = await setUp();
    const { sessionId } = await crashed(0);
    const { host, logic, counted } = await start();
    for (let i = 1; i <= 5; i++) {
      await bus.settled();
      logic.last.crash(new Error('oops'));
      await bus.settled();
      expect(logic.last.told.at(-1)).toBe('close crashed');
      expect(host.size).toBe(0);
      await jest.advanceTimersByTimeAsync(1000);
    }
    await bus.settled();
    expect(bus.events(sessionId, 'stage.released').map(({ reason }) => reason)).toEqual([
      ...Array.from({ length: 5 }, () => 'crashed'),
      'poisoned',
    ]);
    expect(bus.events(sessionId, 'stage.failed')[0]).toMatchObject({ code: 'internal', message: 'oops' });
    expect(bus.events(sessionId, 'session.closed')).toMatchObject([{ reason: 'session_poisoned' }]);
    expect(await counted('parley_stage_session_crashes_total{')).toBe(5);
  });

  it('ends here although what crashed never comes to rest', async () => {
    const { bus, crashed, start } = await setUp();
    const { sessionId } = await crashed(0);
    const { logic } = await start();
    logic.last.closing = () => new Promise(() => {});
    logic.last.crash('no error at all');
    await jest.advanceTimersByTimeAsync(1100);
    await bus.settled();
    expect(bus.events(sessionId, 'stage.released')).toMatchObject([{ reason: 'crashed' }]);
  });
});
