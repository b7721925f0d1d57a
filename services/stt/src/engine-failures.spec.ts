import { beforeEach, describe, expect, it } from '@jest/globals';
import { EngineError, type SpeechToText } from '@parley/ports';
import { createScriptedSpeechToText } from '@parley/testing/engines';
import type { ControlledEngine } from '../spec-support/controlled-engine.js';
import { RunningSttSession, samplesOf, silence, voice } from '../spec-support/running-stt-session.js';
import { claimControlled, clock, newClock, spoken, utterance } from '../spec-support/started-sessions.js';

const FAILED = {
  type: 'stage.failed',
  code: 'engine_failed',
  message: 'speech to text: engine_unavailable',
  retryable: true,
};
const UNAVAILABLE = new EngineError('engine_unavailable', 'gone', true);

beforeEach(newClock);

describe('SttSession while its engine opens', () => {
  it('loses no word and keeps utterances apart', async () => {
    const { engine, running } = claimControlled();
    let open = () => {};
    engine.opening = () => new Promise((resolve) => (open = resolve));
    running.session.onLive();
    await running.send(silence(500), ...utterance(), ...utterance(), voice(200));
    expect(engine.streams).toEqual([]);
    open();
    await running.settle();
    // 300 ms from before the speech, the speech, and the 300 ms that ended it; of the second what lies between
    expect(engine.last.written).toEqual([samplesOf(1000), samplesOf(1000), samplesOf(500)]);
    engine.last.answer('red');
    engine.last.answer('green');
    await running.send(silence(300));
    engine.last.answer('blue');
    await running.send(silence(500));
    const finals = running.bus.events(running.sessionId, 'transcript.final');
    expect(finals.map(({ utterance: of, text }) => [of, text])).toEqual([[1, 'red'], [2, 'green'], [3, 'blue']]); // prettier-ignore
    expect(finals[0]?.endPts).toBe(samplesOf(1200));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'red green blue' });
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
    const { engine, running } = claimControlled({ FINAL_TIMEOUT_MS: 60_000 });
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
    const { engine, running } = claimControlled();
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
    const { engine, running } = claimControlled();
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
    const { engine, running } = claimControlled();
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
    const { engine, running } = claimControlled({ FINAL_TIMEOUT_MS: 2000 });
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
    const { engine, running } = claimControlled({ FINAL_TIMEOUT_MS: 1000 });
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
    const { engine, running } = claimControlled();
    running.session.onLive();
    await running.send(...utterance());
    engine.last.answer('a club');
    await running.send(voice(200));
    engine.last.say({ type: 'error', error: UNAVAILABLE });
    await running.send(voice(200), silence(800));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', turn: 1, text: 'a club' });
  });
});
