import { afterEach, describe, expect, it } from '@jest/globals';
import { CLOSED, drainAll, drainLater, setUp } from '../spec-support/hosted-replica.js';
import type { RecordingSession } from '../spec-support/recording-logic.js';
import { startReplica } from '../spec-support/replica.js';

afterEach(drainAll);

describe('HostedSession', () => {
  it.each([
    ['drained', ({ host }: Replica) => host.drain()],
    ['closed', ({ gateway }: Replica) => gateway.publish('session.closed', CLOSED)],
    ['crashed', ({ session }: Replica) => session.crash(new Error('oops'))],
  ])(
    'tells the log why it releases the session, after the last that the stage writes, when %s',
    async (reason, act) => {
      const { bus, gateway, host, logic } = await setUp();
      const { sessionId, writer } = await gateway.open();
      const session = logic.last;
      session.closing = async () =>
        void (await session.owned.writer.publish('speech.started', { utterance: 1, pts: 0 }));
      await act({ host, gateway: writer, session });
      await bus.settled();
      expect(bus.events(sessionId).slice(-2)).toMatchObject([
        { type: 'speech.started' },
        { type: 'stage.released', replica: 'stt-1', reason, epoch: 1 },
      ]);
    },
  );

  it('has stored that it releases the session before the claim is given back', async () => {
    const { bus, gateway, host, logic } = await setUp();
    const { sessionId } = await gateway.open();
    const second = await startReplica(bus, 'stt-2', {
      prepare: (own) => (own.opening = () => void order.push(...bus.events(sessionId).map(({ type }) => type))),
    });
    drainLater(second.host);
    const order: string[] = [];
    await host.drain();
    await bus.settled();
    expect(logic.sessions).toHaveLength(1);
    expect(order).toEqual(['stage.claimed', 'stage.released', 'stage.claimed']);
  });

  it('says nothing when it has lost the session, also while it was being released', async () => {
    const { bus, gateway, logic } = await setUp();
    const lost = await gateway.open();
    bus.expire('stt', lost.sessionId);
    await bus.settled();
    expect(bus.events(lost.sessionId, 'stage.released')).toEqual([]);
    const closing = await gateway.open();
    let closed = () => {};
    logic.last.closing = () => new Promise((resolve) => (closed = resolve));
    await closing.writer.publish('session.closed', CLOSED);
    await bus.settled();
    bus.expire('stt', closing.sessionId);
    closed();
    await bus.settled();
    expect(bus.events(closing.sessionId, 'stage.released')).toMatchObject([{ epoch: 2, reason: 'closed' }]);
  });
});

/** What the cases of a release act upon. */
interface Replica {
  host: { drain(): Promise<void> };
  gateway: { publish(type: 'session.closed', payload: typeof CLOSED): Promise<unknown> };
  session: RecordingSession;
}
