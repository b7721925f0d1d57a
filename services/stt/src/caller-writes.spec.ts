import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Mode } from '@parley/contracts';
import {
  MANUAL,
  emptyCommits,
  expectNewOwnerToKnowTheSame,
  running,
  start,
  startWithControlled,
  takeOver,
  texts,
  turns,
} from '../spec-support/current-session.js';
import { silence, voice } from '../spec-support/running-stt-session.js';
import { newClock, spoken } from '../spec-support/started-sessions.js';

beforeEach(newClock);
afterEach(expectNewOwnerToKnowTheSame);

const goInto = (mode: Mode, pts = running.pts) => running.gatewayWrites('session.mode', { mode, pts });

describe('SttSession whose caller writes', () => {
  it('transcribes no voice meanwhile, and goes on when the caller speaks again', async () => {
    await start();
    await running.send(spoken('red'), silence(1000));
    goInto('text-to-voice');
    await running.send(spoken('never'), silence(1000));
    goInto('voice-to-voice');
    await running.send(spoken('blue'), silence(1000));
    expect(texts()).toEqual(['red', 'blue']);
    expect(running.types.filter((type) => type === 'speech.started')).toHaveLength(2);
    expect(await running.counted('parley_stt_audio_unheard_seconds_total')).toBeCloseTo(1.24);
    expect(await running.counted('parley_stt_audio_gap_seconds_total')).toBe(0);
  });

  it('makes a turn of what was being said, without a silence', async () => {
    await start();
    await running.send(spoken('i would like a'));
    goInto('text-to-text');
    await running.pass(200);
    expect(turns()).toMatchObject([{ text: 'i would like a', cause: 'caller' }]);
    expect(await emptyCommits()).toBe(0);
  });

  it('keeps the words of a turn that only a commit ends', async () => {
    await start({ policy: MANUAL });
    await running.send(spoken('red green'));
    goInto('text-to-voice');
    await running.send(spoken('never'), silence(1000));
    expect(turns()).toEqual([]);
    goInto('voice-to-voice');
    await running.send(spoken('blue'), silence(400));
    running.commit();
    expect(texts()).toEqual(['red green blue']);
  });

  it('keeps to where the mode was changed when voice and the word of it come in another order', async () => {
    await start();
    const [red, never, blue] = [spoken('red'), spoken('never'), spoken('blue')];
    goInto('text-to-voice', red.length);
    goInto('voice-to-voice', red.length + never.length);
    await running.send(red, never, blue, silence(1000));
    expect(texts()).toEqual(['red', 'blue']);
  });

  it('has no stream of the engine meanwhile', async () => {
    const engine = await startWithControlled();
    await running.send(voice(400));
    goInto('text-to-voice');
    expect(engine.last.closed).toBe(0);
    engine.last.answer('red');
    await running.settle();
    expect(texts()).toEqual(['red']);
    expect(engine.last.closed).toBe(1);
    goInto('voice-to-voice');
    await running.settle();
    expect(engine.streams).toHaveLength(2);
  });

  it('opens no stream for a caller who begins by writing', async () => {
    const engine = await startWithControlled({ mode: 'text-to-text' });
    await running.pass(1000);
    expect(engine.streams).toEqual([]);
    goInto('voice-to-voice');
    await running.send(voice(400), silence(300));
    engine.last.answer('red');
    await running.send(silence(700));
    expect(texts()).toEqual(['red']);
  });
});

describe('SttSession that takes over what the caller did', () => {
  it('goes by the policy, and ends the turn that was committed when its owner died', async () => {
    await start({ policy: MANUAL }, 5000);
    const before = running;
    await before.send(spoken('red green'));
    before.commit();
    await before.send(silence(1000));
    expect(turns()).toEqual([]);
    await before.session.close('lost');
    const after = takeOver(before);
    await after.send(spoken('red green'));
    after.session.onLive();
    await after.send(silence(200));
    expect(texts()).toEqual(['red green']);
    await after.send(spoken('blue'), silence(5000));
    expect(texts()).toEqual(['red green']);
    after.commit();
    expect(texts()).toEqual(['red green', 'blue']);
  });

  it('commits nothing anew that its predecessor has ended, and counts nothing anew', async () => {
    await start({ policy: MANUAL });
    const before = running;
    await before.send(spoken('red'), silence(500));
    before.commit();
    await before.send(silence(200));
    before.commit();
    expect(await emptyCommits()).toBe(1);
    const after = takeOver(before);
    await after.send(spoken('red'), silence(700));
    after.session.onLive();
    await after.send(silence(1000), spoken('blue'), silence(1000));
    expect(texts()).toEqual(['red']);
    expect(await emptyCommits()).toBe(0);
  });

  it('passes over the voice that came while the caller wrote', async () => {
    await start();
    const before = running;
    await before.send(spoken('red'), silence(1000));
    goInto('text-to-voice');
    await before.send(spoken('never'), silence(500));
    goInto('voice-to-voice');
    await before.send(spoken('bl'));
    const after = takeOver(before);
    await after.send(spoken('red'), silence(1000), spoken('never'), silence(500), spoken('blue'), silence(1000));
    expect(texts()).toEqual(['red', 'blue']);
  });

  it('waits after words as its predecessor would have', async () => {
    await start();
    const before = running;
    await before.send(spoken('i would like a'), silence(1000));
    expect(before.types.at(-1)).toBe('transcript.final');
    const after = takeOver(before);
    await after.send(spoken('i would like a'), silence(2300));
    expect(turns()).toEqual([]);
    await after.send(silence(100));
    expect(turns()).toMatchObject([{ text: 'i would like a', cause: 'longest_silence', eouDelayMs: 2400 }]);
  });
});
