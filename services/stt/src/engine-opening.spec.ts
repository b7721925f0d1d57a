import { beforeEach, describe, expect, it } from '@jest/globals';
import { createScriptedSpeechToText } from '@parley/testing/engines';
import { ControlledEngine } from '../spec-support/controlled-engine.js';
import { RunningSttSession, samplesOf, silence, voice } from '../spec-support/running-stt-session.js';
import {
  clock,
  newClock,
  spoken,
  startControlled,
  type ControlledEngineOptions,
  type StartOptions,
} from '../spec-support/started-sessions.js';

const CLUBS = { keyTerms: ['turkey club', 'BLT'] };

beforeEach(newClock);

const start = (options?: StartOptions, engineOptions?: ControlledEngineOptions) =>
  startControlled({ policy: 'late', ...options }, engineOptions);

describe('the opening of the engine', () => {
  it("waits for the agent's policy, and tells the engine its key terms and the stage's", async () => {
    const { engine, running } = await start({ config: { STT_KEY_TERMS: 'soup, BLT' } });
    expect(engine.asked).toEqual([]);
    running.policy(CLUBS);
    expect(engine.asked).toMatchObject([{ keyTerms: ['soup', 'BLT', 'turkey club'] }]);
  });

  it('does not wait for longer than 200 ms', async () => {
    const { engine, running } = await start();
    await running.pass(100);
    expect(engine.asked).toEqual([]);
    await running.pass(100);
    expect(engine.asked).toMatchObject([{ keyTerms: [] }]);
  });

  it('loses nothing of what is said before', async () => {
    const engine = createScriptedSpeechToText({ clock });
    const running = new RunningSttSession({ engine, clock, policy: 'late' });
    running.session.onLive();
    await running.send(spoken('one turkey club'), silence(1000));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'one turkey club' });
  });

  it('gives an engine that ends turns what was said before, and then everything', async () => {
    const engine = createScriptedSpeechToText({ clock, endOfTurn: true });
    const running = new RunningSttSession({ engine, clock, policy: 'late' });
    running.session.onLive();
    const said = spoken('One turkey club.');
    await running.send(said.subarray(0, samplesOf(160)));
    running.policy({ endpointing: { by: 'engine' } });
    await running.send(said.subarray(samplesOf(160)), silence(1000));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'One turkey club.', cause: 'engine' });
  });

  it('is done again between utterances when the policy came late, and counted', async () => {
    const { engine, running } = await start();
    await running.send(silence(300), voice(400));
    running.policy(CLUBS);
    await running.send(silence(400));
    expect(engine.streams).toHaveLength(1);
    engine.last.answer('red');
    await running.send(silence(100));
    expect(engine.streams[0]?.closed).toBe(1);
    expect(engine.asked.map(({ keyTerms }) => keyTerms)).toEqual([[], CLUBS.keyTerms]);
    await running.send(voice(400), silence(400));
    engine.last.answer('green');
    await running.send(silence(400));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'red green' });
    expect(await running.counted('parley_stt_streams_reopened_total{engine="controlled"')).toBe(1);
  });

  it('is not done again for a late policy that changes nothing for the engine', async () => {
    const { engine, running } = await start();
    await running.pass(300);
    running.policy({ endpointing: { by: 'manual' } });
    await running.send(silence(500));
    expect(engine.streams).toHaveLength(1);
    expect(await running.counted('parley_stt_streams_reopened_total')).toBe(0);
  });

  it('does not wait when another owner was there before', async () => {
    const { running: before } = await start();
    const engine = new ControlledEngine();
    const after = new RunningSttSession({ engine, clock, after: before });
    await after.send(voice(400));
    expect(engine.asked).toHaveLength(1);
  });
});

describe('an engine that is fed all voice', () => {
  it('is given the silence too, and asked for a final after each utterance', async () => {
    const { engine, running } = await start({ policy: {} }, { feed: 'continuous' });
    await running.send(silence(1000), voice(400), silence(300));
    expect(engine.last.written).toEqual([samplesOf(1700), 0]);
    engine.last.answer('a club please');
    await running.send(silence(500));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'a club please', eouDelayMs: 400 });
  });

  it('is given no voice twice when its stream is opened with the first word', async () => {
    const { engine, running } = await start({ policy: {} }, { feed: 'continuous' });
    engine.last.end();
    await running.send(silence(1000), voice(400), silence(300));
    expect(engine.streams).toHaveLength(2);
    expect(engine.last.written).toEqual([samplesOf(1000), 0]);
  });
});
