import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SpeechToText } from '@parley/ports';
import { createScriptedSpeechToText } from '@parley/testing/engines';
import { RunningSttSession, samplesOf, silence, voice } from '../spec-support/running-stt-session.js';
import { clock, FAILED, newClock, spoken, startControlled, utterance } from '../spec-support/started-sessions.js';

beforeEach(newClock);

describe('SttSession while its engine opens', () => {
  it('loses no word and keeps utterances apart', async () => {
    const { engine, running } = startControlled();
    let open = () => {};
    engine.opening = () => new Promise((resolve) => (open = resolve));
    running.session.onLive();
    await running.send(silence(500), ...utterance(), ...utterance(), voice(200));
    expect(engine.streams).toEqual([]);
    open();
    await running.settle();
    // 300 ms from before the speech, the speech, and the 300 ms that ended it; of the second what lies between
    expect(engine.last.written).toEqual([samplesOf(1000), samplesOf(1000), samplesOf(500)]);
    engine.last.answer('one');
    engine.last.answer('two');
    await running.send(silence(300));
    engine.last.answer('three');
    await running.send(silence(500));
    const finals = running.bus.events(running.sessionId, 'transcript.final');
    expect(finals.map(({ utterance: of, text }) => [of, text])).toEqual([[1, 'one'], [2, 'two'], [3, 'three']]); // prettier-ignore
    expect(finals[0]?.endPts).toBe(samplesOf(1200));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'one two three' });
  });

  it('hands over what waited as it was said', async () => {
    const scripted = createScriptedSpeechToText({ clock });
    let open = () => {};
    const engine: SpeechToText = {
      ...scripted,
      open: async (options) => {
        await new Promise<void>((resolve) => (open = resolve));
        return scripted.open(options);
      },
    };
    const running = new RunningSttSession({ engine, clock });
    running.session.onLive();
    await running.send(spoken('one turkey club'), silence(400));
    open();
    await running.send(silence(500));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'one turkey club' });
  });

  it('fails when more than half a minute waits, once, and tries again with the next utterance', async () => {
    const { engine, running } = startControlled({ FINAL_TIMEOUT_MS: 60_000 });
    const opened: (() => void)[] = [];
    engine.opening = () => new Promise((resolve) => opened.push(resolve));
    await running.send(voice(32_000), silence(300));
    expect(running.told.slice(1)).toEqual([
      { ...FAILED, message: 'speech to text: engine_timeout' },
      expect.objectContaining({ type: 'speech.stopped' }),
    ]);
    expect(await running.counted('parley_stt_engine_failures_total')).toBe(1);
    await running.send(...utterance());
    expect(opened).toHaveLength(2);
    opened.forEach((open) => open());
    await running.settle();
    expect(engine.streams.map(({ closed, flushes }) => [closed, flushes])).toEqual([[1, 0], [0, 1]]); // prettier-ignore
  });

  it('opens one stream however much is said meanwhile', async () => {
    const { engine, running } = startControlled();
    let openings = 0;
    engine.opening = () => (openings++, Promise.resolve());
    await running.send(voice(200));
    running.session.onLive();
    await running.send(voice(200));
    expect(openings).toBe(1);
  });
});
