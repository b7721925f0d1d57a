import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ControlledEngine } from '../spec-support/controlled-engine.js';
import { silence, voice } from '../spec-support/running-stt-session.js';
import { FAILED, newClock, startControlled, UNAVAILABLE, utterance } from '../spec-support/started-sessions.js';

beforeEach(newClock);

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
