import { beforeEach, describe, expect, it } from '@jest/globals';
import { EngineError } from '@parley/ports';
import { createScriptedSpeechToText } from '@parley/testing/engines';
import { RunningSttSession, frameOf, samplesOf, silence, voice } from '../spec-support/running-stt-session.js';
import {
  claimControlled,
  clock,
  newClock,
  spoken,
  startScripted,
  utterance,
} from '../spec-support/started-sessions.js';

const UNAVAILABLE = new EngineError('engine_unavailable', 'gone', true);

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
        startPts: samplesOf(500),
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
      {
        type: 'turn.ended',
        turn: 1,
        text: 'one turkey club',
        eouDelayMs: 700,
        endPts: samplesOf(1180),
        cause: 'silence',
        utterance: 1,
      },
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
    const { engine, running } = claimControlled({ STT_KEY_TERMS: 'turkey club, , veggie wrap ' });
    running.session.onLive();
    expect(engine.asked).toEqual([
      { sessionId: running.sessionId, sampleRateHz: 16_000, language: 'en', keyTerms: ['turkey club', 'veggie wrap'] },
    ]);
  });

  it('counts a turn in which nothing was understood, and ends none', async () => {
    const { engine, running } = claimControlled();
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
    await before.send(spoken('one club'));
    expect(before.types).toEqual(['speech.started']);
    const after = new RunningSttSession({ engine: createScriptedSpeechToText({ clock }), clock, after: before });
    await after.send(spoken('one club'), silence(1000));
    expect(after.told.at(-1)).toMatchObject({ type: 'turn.ended', turn: 1, text: 'one club' });
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

describe('SttSession given what is no voice of 16 kHz', () => {
  it.each([
    ['an odd number of bytes', { payload: new Uint8Array(641) }, 'odd_length'],
    ['another rate', { sampleRateHz: 8000 }, 'engine_input'],
    ['another codec', { codec: 'mulaw' }, 'engine_input'],
  ] as const)('refuses %s and takes the next frame', async (_, changes, code) => {
    const running = await startScripted();
    const refused = frameOf(silence(20), 0, changes);
    expect(() => running.session.onFrame(refused)).toThrow(expect.objectContaining({ code }));
    await running.send(spoken('one'), silence(1000));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'one' });
  });
});

describe('SttSession that is closed', () => {
  it('closes its stream and says nothing more', async () => {
    const { engine, running } = claimControlled();
    running.session.onLive();
    await running.send(...utterance());
    const { types } = running;
    engine.last.answer('late');
    await running.session.close('drained');
    await running.pass(10_000);
    expect(engine.last.closed).toBe(1);
    expect(running.types).toEqual(types);
  });

  it('says nothing of a stream that breaks while it is closed', async () => {
    const { engine, running } = claimControlled();
    running.session.onLive();
    await running.settle();
    engine.last.close = () => Promise.resolve(engine.last.break(UNAVAILABLE));
    await running.session.close('closed');
    await running.settle();
    expect(running.types).toEqual([]);
  });

  it('closes a stream that is still being opened', async () => {
    const { engine, running } = claimControlled();
    let open = () => {};
    engine.opening = () => new Promise((resolve) => (open = resolve));
    running.session.onLive();
    await running.send(voice(200));
    await running.session.close('lost');
    open();
    await running.settle();
    expect(engine.last.closed).toBe(1);
    expect(engine.last.written).toEqual([0]);
    expect(running.types).toEqual(['speech.started']);
  });

  it('says nothing when the opening fails afterwards', async () => {
    const { engine, running } = claimControlled();
    let fail = (_: unknown) => {};
    engine.opening = () => new Promise((_, reject) => (fail = reject));
    running.session.onLive();
    await running.session.close('closed');
    fail(UNAVAILABLE);
    await running.settle();
    expect(running.types).toEqual([]);
  });
});
