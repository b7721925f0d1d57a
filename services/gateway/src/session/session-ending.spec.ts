import { describe, expect, it } from '@jest/globals';
import { claimAll, setUpSession as setUp } from '../../spec-support/session-setup.js';

describe('CallSession', () => {
  it('says what was heard and then that the session is closed when the caller leaves in a reply', async () => {
    const all = await setUp();
    const { clock, bus, speak, session, sessionId } = all;
    await claimAll(all);
    await speak(1, 32_000);
    clock.advance(300);
    await session.end('caller_left');
    const said = bus.events(sessionId).filter(({ stage }) => stage === 'gateway');
    expect(said.slice(-2)).toMatchObject([
      { type: 'playout.ended', outcome: 'interrupted', playedMs: 300 },
      { type: 'session.closed', reason: 'caller_left' },
    ]);
    expect(said.map(({ epoch }) => epoch)).toEqual(said.map(() => 1));
  });

  it('ends once, however often it is told to', async () => {
    const { bus, session, sessionId, caller } = await setUp();
    await Promise.all([session.end('caller_ended'), session.end('caller_left'), session.end('gateway_stopped')]);
    expect(bus.events(sessionId, 'session.closed')).toHaveLength(1);
    expect(caller.heard).toEqual(['session_started', 'session_ended']);
  });

  it('says goodbye to the caller although the broker does not answer', async () => {
    const { bus, clock, session, caller } = await setUp();
    bus.connected = false;
    const ended = session.end('caller_ended');
    await bus.settled();
    clock.advance(1000);
    await ended;
    expect(caller.closedFor).toBe('caller_ended');
  });
});
