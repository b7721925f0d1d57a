import { beforeEach, describe, expect, it } from '@jest/globals';
import { samplesOf, silence } from '../spec-support/running-stt-session.js';
import { newClock, spoken, startControlled, startScripted, utterance } from '../spec-support/started-sessions.js';

beforeEach(newClock);

describe('SttSession', () => {
  it('makes an utterance, its transcripts and a turn of what is said', async () => {
    const running = await startScripted();
    await running.send(silence(500), spoken('one turkey club'), silence(1000));
    expect(running.told).toEqual([
      { type: 'speech.started', utterance: 1, pts: samplesOf(500), stopsAfterMs: 300 },
      { type: 'speech.stopped', utterance: 1, pts: samplesOf(1180), durationMs: 680 },
      {
        type: 'transcript.final',
        utterance: 1,
        text: 'one turkey club',
        endPts: samplesOf(1480),
        audioMs: 680,
        confidence: 1,
        words: [
          expect.objectContaining({ word: 'one' }),
          expect.objectContaining({ word: 'turkey' }),
          expect.objectContaining({ word: 'club' }),
        ],
        engine: 'scripted',
        transcriptionMs: 100,
      },
      { type: 'turn.ended', turn: 1, text: 'one turkey club', eouDelayMs: 700, endPts: samplesOf(1180) },
    ]);
    const interims = running.bus.events(running.sessionId, 'transcript.interim');
    expect(interims.map(({ utterance: of, text, stableChars }) => [of, text, stableChars])).toEqual([
      [1, 'one', 3],
      [1, 'one turkey', 10],
      [1, 'one turkey club', 15],
    ]);
    expect(await running.counted('parley_stt_finals_total')).toBe(1);
    expect(await running.counted('parley_stt_turns_total')).toBe(1);
  });

  it('makes one turn of utterances that follow each other within the silence of a turn', async () => {
    const running = await startScripted();
    await running.send(spoken('a club'), silence(500), spoken('no mayo'), silence(1000));
    expect(running.types.filter((type) => type === 'transcript.final')).toHaveLength(2);
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', turn: 1, text: 'a club no mayo' });
    await running.send(spoken('thanks'), silence(1000));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', turn: 2, text: 'thanks' });
    expect(running.told.at(-2)).toMatchObject({ type: 'transcript.final', utterance: 3 });
  });

  it('ends a turn only when the last transcript has come, however long that takes', async () => {
    const running = await startScripted({}, 2000);
    await running.send(spoken('one'), silence(1500));
    expect(running.types).toEqual(['speech.started', 'speech.stopped']);
    await running.send(silence(1000));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'one' });
  });

  it('tells the engine what it is about', async () => {
    const { engine, running } = startControlled({ STT_KEY_TERMS: 'turkey club, , veggie wrap ' });
    const asked: unknown[] = [];
    const { open } = engine;
    engine.open = (...options: unknown[]) => (asked.push(...options), open.call(engine));
    running.session.onLive();
    expect(asked).toEqual([
      { sessionId: running.sessionId, sampleRateHz: 16_000, language: 'en', keyTerms: ['turkey club', 'veggie wrap'] },
    ]);
  });

  it('counts a turn in which nothing was understood, and ends none', async () => {
    const { engine, running } = startControlled();
    running.session.onLive();
    await running.send(...utterance());
    engine.last.answer('');
    await running.send(silence(500));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final']);
    await running.send(...utterance());
    engine.last.answer();
    await running.send(silence(500));
    expect(await running.counted('parley_stt_empty_turns_total')).toBe(2);
    await running.send(...utterance());
    engine.last.answer('hello');
    await running.send(silence(500));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', turn: 1, text: 'hello' });
  });
});
