import { beforeEach, describe, expect, it } from '@jest/globals';
import { createScriptedSpeechToText } from '@parley/testing/engines';
import { RunningSttSession, silence } from '../spec-support/running-stt-session.js';
import { clock, newClock, spoken, startScripted } from '../spec-support/started-sessions.js';

beforeEach(newClock);

describe('SttSession that takes over', () => {
  it('transcribes nothing twice and goes on counting', async () => {
    const before = await startScripted();
    await before.send(spoken('one'), silence(1000), spoken('two'), silence(500));
    expect(before.types.at(-1)).toBe('transcript.final');
    await before.session.close('lost');

    const engine = createScriptedSpeechToText({ clock });
    const after = new RunningSttSession({ engine, clock, after: before });
    await after.send(spoken('one'), silence(1000), spoken('two'), silence(500));
    after.session.onLive();
    expect(after.types).toEqual([]);
    await after.send(silence(500), spoken('three'), silence(1000));
    expect(after.told).toMatchObject([
      { type: 'turn.ended', turn: 2, text: 'two' },
      { type: 'speech.started', utterance: 3 },
      { type: 'speech.stopped', utterance: 3 },
      { type: 'transcript.final', utterance: 3, text: 'three' },
      { type: 'turn.ended', turn: 3, text: 'three' },
    ]);
    expect(await after.counted('parley_stt_audio_skipped_seconds_total')).toBeGreaterThan(1);
  });

  it('transcribes the utterance that its predecessor did not finish', async () => {
    const before = await startScripted();
    await before.send(spoken('one two'));
    expect(before.types).toEqual(['speech.started']);
    const after = new RunningSttSession({ engine: createScriptedSpeechToText({ clock }), clock, after: before });
    await after.send(spoken('one two'), silence(1000));
    expect(after.told.at(-1)).toMatchObject({ type: 'turn.ended', turn: 1, text: 'one two' });
  });

  it('ends an open turn though no frame comes any more', async () => {
    const before = await startScripted();
    await before.send(silence(2000), spoken('one'), silence(420));
    expect(before.types.at(-1)).toBe('transcript.final');
    const after = new RunningSttSession({ engine: createScriptedSpeechToText({ clock }), clock, after: before });
    after.session.onLive();
    await after.pass(1500);
    expect(after.told).toMatchObject([{ type: 'turn.ended', turn: 1, text: 'one' }]);
  });
});
