import { describe, expect, it } from '@jest/globals';
import { setUpCall } from '../../spec-support/call-setup.js';

const HUNG_UP = { hangUp: true };
const END = ['session_ended'];

describe('a session whose agent hangs up', () => {
  it('ends when the reply has been played', async () => {
    const { clock, bus, caller, sessionId, started, ended, speak } = await setUpCall('voice-to-voice');
    await started(1, false);
    await speak(1, 16_000);
    await ended(1, HUNG_UP);
    clock.advance(900);
    expect(caller.heard).not.toContain('session_ended');
    clock.advance(400);
    await bus.settled();
    expect(caller.heard.slice(-2)).toEqual(['playout_ended', ...END]);
    expect(caller.closedFor).toBe('agent_ended');
    expect(bus.events(sessionId, 'session.closed')).toMatchObject([{ reason: 'agent_ended' }]);
  });

  it('ends when the reply has been shown, for the reason that the agent gives', async () => {
    const { clock, bus, caller, started, ended } = await setUpCall('text-to-text');
    await started(1, true);
    await ended(1, { ...HUNG_UP, endReason: 'session_too_long' });
    clock.advance(200);
    await bus.settled();
    expect(caller.heard.slice(-2)).toEqual(['agent_end', ...END]);
    expect(caller.closedFor).toBe('session_too_long');
  });

  it('ends when the reply has no words', async () => {
    const { clock, bus, caller, started, ended } = await setUpCall('voice-to-voice');
    await started(1, false);
    await ended(1, { ...HUNG_UP, sentences: 0, text: '' });
    clock.advance(200);
    await bus.settled();
    expect(caller.closedFor).toBe('agent_ended');
  });

  it('goes on when the caller cuts the reply off', async () => {
    const { clock, bus, caller, started, ended, interrupted, speak } = await setUpCall('voice-to-voice');
    await started(1, false);
    await speak(1, 16_000);
    await ended(1, HUNG_UP);
    clock.advance(300);
    await interrupted(1);
    clock.advance(3000);
    await bus.settled();
    expect(caller.closedFor).toBeUndefined();
  });

  it('ends when the caller reads the rest', async () => {
    const { clock, bus, caller, started, ended, speak, switchTo } = await setUpCall('voice-to-voice');
    await started(1, false);
    await speak(1, 16_000);
    await ended(1, HUNG_UP);
    clock.advance(300);
    await switchTo('voice-to-text');
    clock.advance(200);
    await bus.settled();
    expect(caller.closedFor).toBe('agent_ended');
  });

  it('ends at the gateway that has resumed it, when the rest has been played there', async () => {
    const { clock, bus, session, started, ended, speak, resume } = await setUpCall('voice-to-voice');
    await started(1, false);
    await speak(1, 16_000);
    await ended(1, HUNG_UP);
    clock.advance(300);
    session.suspend();
    clock.advance(2000);
    const { caller } = await resume('1.0.4800');
    clock.advance(500);
    expect(caller.closedFor).toBeUndefined();
    clock.advance(700);
    await bus.settled();
    expect(caller.closedFor).toBe('agent_ended');
  });

  it('goes on at another gateway when the reply was cut off before', async () => {
    const { clock, bus, session, started, ended, interrupted, speak, resume } = await setUpCall('voice-to-voice');
    await started(1, false);
    await speak(1, 16_000);
    await ended(1, HUNG_UP);
    clock.advance(300);
    await interrupted(1);
    session.suspend();
    const { caller } = await resume();
    clock.advance(5000);
    await bus.settled();
    expect(caller.closedFor).toBeUndefined();
  });
});
