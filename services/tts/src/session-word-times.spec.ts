import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { briefly } from '../spec-support/controlled-voice.js';
import { say } from '../spec-support/reply-events.js';
import type { RunningTtsSession } from '../spec-support/running-tts-session.js';
import { holdTime, releaseTime, startControlled, startScripted } from '../spec-support/started-sessions.js';

beforeEach(holdTime);
afterEach(releaseTime);

describe('TtsSession whose engine gives word times', () => {
  const text = 'one two three four five six seven eight nine ten';
  const toldIn = (running: RunningTtsSession) => running.bus.events(running.sessionId, 'synthesis.words');

  it('tells them in few events, in order', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, text), say.sentence(1, 1, 'Bye.'), say.ended(1, 2));
    await running.pass(1000);
    const told = toldIn(running);
    expect(told.map(({ sentence, first }) => [sentence, first])).toEqual([[0, 0], [0, 5], [0, 9], [1, 0]]); // prettier-ignore
    expect(told.flatMap(({ words }) => words.map(({ word }) => word)).join(' ')).toBe(`${text} Bye.`);
    expect(told[0]?.words[1]).toEqual({ word: 'two', startMs: 240, endMs: 440 });
    expect(await running.counted('parley_tts_timed_words_total{engine="scripted"')).toBe(11);
  });

  it('tells those that it knows of a sentence that is interrupted', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, text));
    await running.pass(80);
    expect(toldIn(running)).toEqual([]);
    running.tell(say.interrupted(1));
    await running.settle();
    expect(toldIn(running).flatMap(({ words }) => words.map(({ word }) => word))).toEqual(['one', 'two']);
  });

  it('tells none when it is closed', async () => {
    const running = startScripted();
    running.tell(say.started(1), say.sentence(1, 0, text));
    await running.pass(80);
    await running.session.close('drained');
    await running.settle();
    expect(toldIn(running)).toEqual([]);
  });

  it('tells nothing of an engine without them', async () => {
    const { running } = startControlled(briefly);
    running.tell(say.sentence(1, 0));
    await running.settle();
    expect(toldIn(running)).toEqual([]);
  });
});
