import { describe, expect, it } from '@jest/globals';
import { STAGES, claimAll, setUpSession as setUp } from '../../spec-support/session-setup.js';

describe('CallSession', () => {
  it('reports a stage that has not taken the session in time, once, and that it has', async () => {
    const { clock, caller, claim } = await setUp();
    await claim('stt');
    await claim('agent');
    clock.advance(1400);
    expect(caller.heard).toEqual(['session_started']);
    clock.advance(3000);
    expect(caller.heard).toEqual(['session_started', 'stage_unavailable tts']);
    await claim('tts');
    expect(caller.events.at(-1)).toEqual({ type: 'stage_restored', stage: 'tts' });
    clock.advance(5000);
    expect(caller.heard).toHaveLength(3);
  });

  it('reports a stage at once that loses its last replica, and its return to life', async () => {
    const all = await setUp();
    const { clock, bus, caller, silence } = all;
    await claimAll(all);
    clock.advance(2000);
    silence.get('agent')?.();
    expect(caller.heard).toEqual(['session_started', 'stage_unavailable agent']);
    bus.as('agent-1').announce(() => ({ stage: 'agent', state: 'running', sessions: 1, capacity: 10 }));
    clock.advance(200);
    expect(caller.heard.at(-1)).toBe('stage_restored');
  });

  it('does not call a stage back because another replica lives that has not taken the session', async () => {
    const all = await setUp();
    const { clock, bus, caller, silence, claim } = all;
    await claimAll(all);
    clock.advance(2000);
    silence.get('agent')?.();
    bus.as('agent-2').announce(() => ({ stage: 'agent', state: 'running', sessions: 0, capacity: 10 }));
    clock.advance(1000);
    expect(caller.heard).toEqual(['session_started', 'stage_unavailable agent']);
    await claim('agent', 'agent-2');
    expect(caller.heard.at(-1)).toBe('stage_restored');
  });

  it('reports a session that a stage gave back and nobody took', async () => {
    const all = await setUp();
    const { clock, bus, caller, stages } = all;
    await claimAll(all);
    clock.advance(10_000);
    await stages.stt.publish('stage.released', { replica: 'stt-1', reason: 'draining' });
    await bus.settled();
    clock.advance(1400);
    expect(caller.heard).toEqual(['session_started']);
    clock.advance(400);
    expect(caller.heard.at(-1)).toBe('stage_unavailable stt');
  });

  it('asks nothing of stages that the mode does not need', async () => {
    const { clock, bus, caller, claim, sessionId } = await setUp({}, { mode: 'text-to-text' });
    await claim('agent');
    clock.advance(5000);
    expect(caller.heard).toEqual(['session_started']);
    expect(STAGES.filter((stage) => bus.offered(stage).includes(sessionId))).toEqual(['agent']);
  });
});
