import { beforeEach, describe, expect, it } from '@jest/globals';
import { EngineError, type SpeechToText } from '@parley/ports';
import { FakeClock, TurnEvents } from '@parley/testing';
import { createScriptedSpeechToText, speakScripted } from '@parley/testing/engines';
import { ControlledEngine } from '../spec-support/controlled-engine.js';
import { RunningSttSession, frameOf, samplesOf, silence, voice } from '../spec-support/running-stt-session.js';
import type { SttSessionOptions } from './stt-session.js';

const FAILED = {
  type: 'stage.failed',
  code: 'engine_failed',
  message: 'speech to text: engine_unavailable',
  retryable: true,
};
const UNAVAILABLE = new EngineError('engine_unavailable', 'gone', true);

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

/** A live session whose engine reads scripted voice without error. */
async function startScripted(config?: Partial<SttSessionOptions['config']>, latencyMs = 100) {
  const running = new RunningSttSession({ engine: createScriptedSpeechToText({ clock, latencyMs }), clock, config });
  running.session.onLive();
  await running.settle();
  return running;
}

/** A session whose engine says what the test tells it to. */
function startControlled(config?: Partial<SttSessionOptions['config']>) {
  const engine = new ControlledEngine();
  const running = new RunningSttSession({ engine, clock, config });
  return { engine, running };
}

/** An utterance of 400 ms and as much silence as ends it, but not the turn. */
const utterance = () => [voice(400), silence(300)];

const spoken = (text: string) => speakScripted(text, 16_000);

describe('SttSession', () => {
  it('makes an utterance, its transcripts and a turn of what is said', async () => {
    const running = await startScripted();
    await running.send(silence(500), spoken('one turkey club'), silence(1000));
    expect(running.told).toEqual([
      { type: 'speech.started', utterance: 1, pts: samplesOf(500) },
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

describe('SttSession without frames', () => {
  it('takes 300 ms without a frame for silence and ends the utterance and the turn', async () => {
    const running = await startScripted();
    await running.send(spoken('one club'));
    await running.pass(300);
    expect(running.types).toEqual(['speech.started']);
    await running.pass(1200);
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one club' });
  });

  it('puts nothing between frames that come late, and ends no utterance on their account', async () => {
    const running = await startScripted();
    const said = spoken('one turkey club');
    await running.send(said.subarray(0, 9000));
    await running.pass(500);
    await running.send(said.subarray(9000), silence(1000));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one turkey club' });
  });

  it('takes nothing for silence while the gateway is not heard of, or the broker is away', async () => {
    const running = await startScripted();
    const said = spoken('one turkey club');
    await running.send(said.subarray(0, 9000));
    running.gatewayIsThere = false;
    await running.pass(5000);
    running.gatewayIsThere = true;
    running.bus.connected = false;
    await running.pass(5000);
    running.bus.connected = true;
    await running.send(said.subarray(9000), silence(1000));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one turkey club' });
  });

  it('waits for the voice of a caller who has come back by another gateway', async () => {
    const running = await startScripted();
    const said = spoken('one turkey club');
    await running.send(said.subarray(0, 9000));
    running.session.onEvent(new TurnEvents().make('session.resumed', { replica: 'gateway-2' }));
    await running.pass(2500);
    await running.send(said.subarray(9000), silence(1000));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one turkey club' });
  });

  it('waits for a caller whose connection is lost', async () => {
    const running = await startScripted();
    const said = spoken('one turkey club');
    await running.send(said.subarray(0, 9000));
    running.session.onEvent(new TurnEvents().make('session.suspended', { replica: 'gateway-1' }));
    await running.pass(12_000);
    await running.send(said.subarray(9000), silence(1000));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(running.told.at(-1)).toMatchObject({ text: 'one turkey club' });
  });

  it('takes a caller who has come back and says nothing for silent in the end', async () => {
    const running = await startScripted();
    await running.send(spoken('one club'));
    running.session.onEvent(new TurnEvents().make('session.resumed', { replica: 'gateway-2' }));
    await running.pass(5500);
    expect(running.types.at(-1)).toBe('turn.ended');
  });

  it('counts what never arrived as silence', async () => {
    const running = await startScripted();
    await running.send(spoken('one club'));
    running.pts += samplesOf(800);
    await running.send(silence(200));
    expect(running.types.at(-1)).toBe('turn.ended');
    expect(await running.counted('parley_stt_audio_gap_seconds_total')).toBe(0.8);
  });

  it('stays as it is while nobody has spoken', async () => {
    const running = await startScripted();
    await running.send(silence(100));
    await running.pass(5000);
    expect(running.told).toEqual([]);
  });
});

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

describe('SttSession when its engine fails', () => {
  const failures: [string, string, (engine: ControlledEngine) => void][] = [
    ['says that it is dead', 'engine_unavailable', (engine) => engine.last.say({ type: 'error', error: UNAVAILABLE })],
    ['ends its stream', 'engine_closed', (engine) => engine.last.end()],
    ['breaks while it is read', 'engine_unavailable', (engine) => engine.last.break(UNAVAILABLE)],
    ['breaks without a code', 'engine_unavailable', (engine) => engine.last.break(new Error('socket hang up'))],
    ['refuses voice', 'engine_unavailable', (engine) => (engine.last.failure = UNAVAILABLE)],
  ];

  it.each(failures)('says so once and goes on with a new stream: it %s', async (_, code, fail) => {
    const { engine, running } = startControlled();
    running.session.onLive();
    await running.send(voice(200));
    fail(engine);
    await running.send(voice(200), silence(300));
    expect(running.told).toEqual([
      expect.objectContaining({ type: 'speech.started', utterance: 1 }),
      { ...FAILED, message: `speech to text: ${code}` },
      expect.objectContaining({ type: 'speech.stopped', utterance: 1 }),
    ]);
    expect(await running.counted(`parley_stt_engine_failures_total{engine="controlled",code="${code}"`)).toBe(1);
    expect(engine.streams[0]?.closed).toBe(1);
    await running.send(...utterance());
    expect(engine.streams).toHaveLength(2);
    engine.last.answer('again');
    await running.send(silence(500));
    expect(running.told.slice(-2)).toEqual([
      expect.objectContaining({ type: 'transcript.final', utterance: 2, text: 'again' }),
      expect.objectContaining({ type: 'turn.ended', turn: 1, text: 'again' }),
    ]);
  });

  const refusals: [string, () => Promise<void>][] = [
    ['rejects', () => Promise.reject(UNAVAILABLE)],
    [
      'throws',
      () => {
        throw UNAVAILABLE;
      },
    ],
  ];

  it.each(refusals)('goes on with a new stream when the opening %s', async (_, opening) => {
    const { engine, running } = startControlled();
    engine.opening = opening;
    await running.send(...utterance());
    expect(running.types).toEqual(['speech.started', 'stage.failed', 'speech.stopped']);
    engine.opening = () => Promise.resolve();
    await running.send(...utterance());
    engine.last.answer('again');
    await running.send(silence(500));
    expect(running.types.slice(3)).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
  });

  it('gives a flush up that is never answered, once', async () => {
    const { engine, running } = startControlled({ FINAL_TIMEOUT_MS: 2000 });
    running.session.onLive();
    await running.send(...utterance(), silence(1800));
    expect(running.types).toEqual(['speech.started', 'speech.stopped']);
    await running.send(silence(5000));
    expect(running.told.slice(2)).toEqual([{ ...FAILED, message: 'speech to text: engine_timeout' }]);
    const late = engine.last;
    await running.send(...utterance());
    expect(engine.last).not.toBe(late);
    expect(late.closed).toBe(1);
    engine.last.answer('again');
    await running.send(silence(500));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', turn: 1, text: 'again' });
  });

  it.each(['write', 'flush'] as const)('says so once when it refuses the last %s of an utterance', async (call) => {
    const { engine, running } = startControlled({ FINAL_TIMEOUT_MS: 1000 });
    running.session.onLive();
    await running.send(voice(400), silence(280));
    const stream = engine.last;
    if (call === 'write') stream.failure = UNAVAILABLE;
    else {
      stream.flush = () => {
        throw UNAVAILABLE;
      };
    }
    await running.send(silence(3000));
    expect(running.types.toSorted()).toEqual(['speech.started', 'speech.stopped', 'stage.failed']);
  });

  it('ends the turn with what was understood before', async () => {
    const { engine, running } = startControlled();
    running.session.onLive();
    await running.send(...utterance());
    engine.last.answer('a club');
    await running.send(voice(200));
    engine.last.say({ type: 'error', error: UNAVAILABLE });
    await running.send(voice(200), silence(800));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', turn: 1, text: 'a club' });
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
    const { engine, running } = startControlled();
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
    const { engine, running } = startControlled();
    running.session.onLive();
    await running.settle();
    engine.last.close = () => Promise.resolve(engine.last.break(UNAVAILABLE));
    await running.session.close('closed');
    await running.settle();
    expect(running.types).toEqual([]);
  });

  it('closes a stream that is still being opened', async () => {
    const { engine, running } = startControlled();
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
    const { engine, running } = startControlled();
    let fail = (_: unknown) => {};
    engine.opening = () => new Promise((_, reject) => (fail = reject));
    running.session.onLive();
    await running.session.close('closed');
    fail(UNAVAILABLE);
    await running.settle();
    expect(running.types).toEqual([]);
  });
});
