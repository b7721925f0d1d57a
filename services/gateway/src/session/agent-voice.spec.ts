import { describe, expect, it } from '@jest/globals';
import { claimAll, setUpSession as setUp } from '../../spec-support/session-setup.js';

describe('CallSession', () => {
  it('plays nothing when the mode has no voice out', async () => {
    const { caller, speak, core } = await setUp({}, { mode: 'voice-to-text' });
    await speak(1, 3200);
    expect(caller.audio).toEqual([]);
    expect(core.parts.playoutClock.size).toBe(0);
  });

  it('sends no voice to a caller who owes reading, counts it, and goes on when the caller has read', async () => {
    const all = await setUp();
    const { clock, caller, speak, counted } = all;
    await claimAll(all);
    caller.bufferedBytes = 300_000;
    await speak(1, 32_000);
    expect(caller.audio).toEqual([]);
    expect(await counted('parley_gateway_voice_dropped_seconds_total{reason="client_too_slow"')).toBeCloseTo(0.4);
    clock.advance(9000);
    caller.bufferedBytes = 0;
    clock.advance(9000);
    expect(caller.closedFor).toBeUndefined();
  });

  it('interrupts the voice, flushes the caller and tells the bus what was heard', async () => {
    const all = await setUp();
    const { clock, bus, caller, stages, speak, sessionId } = all;
    await claimAll(all);
    await stages.agent.publish('reply.started', { reply: 1, turn: 1, userText: '', answers: [] });
    await speak(1, 32_000);
    clock.advance(600);
    await stages.agent.publish('reply.interrupted', { reply: 1, cause: 'speech', sentences: 1 });
    await bus.settled();
    const sent = caller.audio.length;
    clock.advance(1000);
    expect(caller.audio).toHaveLength(sent);
    expect(caller.heard.slice(2)).toEqual(['playout_started', 'audio_flush', 'playout_ended', 'agent_end']);
    expect(bus.events(sessionId).filter(({ type }) => type.startsWith('playout'))).toMatchObject([
      { type: 'playout.started', reply: 1, turn: 1 },
      { type: 'playout.progress', reply: 1, sentence: 0, playedMs: 530 },
      { type: 'playout.ended', reply: 1, outcome: 'interrupted', sentence: 0, playedMs: 600, sentenceMs: 2000 },
    ]);
  });

  it('gives up a reply whose voice never comes, with an error', async () => {
    const all = await setUp();
    const { clock, bus, caller, stages } = all;
    await claimAll(all);
    await stages.agent.publish('reply.started', { reply: 1, turn: 1, userText: '', answers: [] });
    await stages.agent.publish('reply.ended', { reply: 1, turn: 1, outcome: 'completed', sentences: 1, text: 'Hi.', durationMs: 1 }); // prettier-ignore
    await bus.settled();
    clock.advance(10_100);
    expect(caller.heard.slice(-2)).toEqual(['playout_ended', 'engine_failed tts']);
  });
});
