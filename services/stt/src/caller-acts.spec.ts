import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  MANUAL,
  emptyCommits,
  expectNewOwnerToKnowTheSame,
  running,
  start,
  startWithControlled,
  texts,
  turns,
} from '../spec-support/current-session.js';
import { frameOf, silence, voice } from '../spec-support/running-stt-session.js';
import { newClock, spoken } from '../spec-support/started-sessions.js';

beforeEach(newClock);
afterEach(expectNewOwnerToKnowTheSame);

describe('SttSession whose turns the caller ends', () => {
  it('ends a turn with a commit and with nothing else', async () => {
    await start({ policy: MANUAL });
    await running.send(spoken('a club please'), silence(8000), spoken('thank you'), silence(1000));
    await running.pass(5000);
    running.gatewayWrites('session.dtmf', { digits: '5' });
    await running.pass(5000);
    expect(turns()).toEqual([]);
    running.commit();
    expect(turns()).toMatchObject([{ turn: 1, text: 'a club please thank you', cause: 'caller' }]);
    expect(await running.counted('parley_stt_turns_total{cause="caller"')).toBe(1);
  });

  it('waits for the words that are being transcribed, of an utterance that nobody ended by silence', async () => {
    await start({ policy: MANUAL, config: { CALLER_STALL_MS: 10_000 } }, 500);
    await running.send(spoken('a club with soup'));
    running.commit();
    expect(running.types).toEqual(['speech.started', 'speech.stopped']);
    await running.pass(400);
    expect(turns()).toEqual([]);
    await running.pass(200);
    expect(turns()).toMatchObject([{ text: 'a club with soup', cause: 'caller', eouDelayMs: 40 }]);
  });

  it('leaves what is said after the commit to the next turn, in the same breath or while the first is transcribed', async () => {
    await start({ policy: MANUAL }, 900);
    await running.send(spoken('red'), spoken('green'));
    running.commit();
    await running.send(spoken('blue'), spoken('white'), silence(200));
    running.commit();
    await running.send(silence(1000));
    expect(texts()).toEqual(['red green', 'blue white']);
    expect(turns()[0]?.eouDelayMs).toBeGreaterThan(800);
    expect(running.types.filter((type) => type === 'speech.started')).toHaveLength(2);
  });

  it('keeps to where the caller committed when the word of it comes before the voice', async () => {
    await start({ policy: MANUAL });
    const said = spoken('red green');
    await running.send(said.subarray(0, 3200));
    running.commit(said.length);
    expect(running.types).toEqual(['speech.started']);
    await running.send(said.subarray(3200), spoken('blue'), silence(1000));
    expect(texts()).toEqual(['red green']);
    running.commit();
    expect(texts()).toEqual(['red green', 'blue']);
  });

  it('keeps to where the caller committed when the word of it comes behind the next words', async () => {
    await start({ policy: MANUAL });
    await running.send(spoken('red'), silence(400));
    const { pts } = running;
    await running.send(silence(100), spoken('green'), silence(500));
    running.commit(pts);
    expect(texts()).toEqual(['red']);
    running.commit();
    expect(texts()).toEqual(['red', 'green']);
    expect(await emptyCommits()).toBe(0);
  });

  it('cuts a frame that goes beyond the commit', async () => {
    await start({ policy: MANUAL });
    const said = new Int16Array([...spoken('red'), ...spoken('blue')]);
    running.commit(spoken('red').length);
    running.session.onFrame(frameOf(said, 0));
    running.pts = said.length;
    await running.send(silence(600));
    expect(texts()).toEqual(['red']);
    running.commit();
    expect(texts()).toEqual(['red', 'blue']);
  });

  it('takes voice for lost that does not come though everything else has', async () => {
    await start({ policy: MANUAL });
    await running.send(spoken('red green'));
    running.commit(running.pts + 640);
    running.gatewayIsThere = false;
    await running.pass(5000);
    expect(turns()).toEqual([]);
    running.gatewayIsThere = true;
    await running.pass(800);
    expect(texts()).toEqual(['red green']);
  });

  it('ends each of two turns that were committed before their voice came', async () => {
    await start({ policy: MANUAL });
    const [red, blue] = [spoken('red'), spoken('blue')];
    running.commit(red.length);
    running.commit(red.length + blue.length);
    await running.send(red, blue, silence(300));
    expect(texts()).toEqual(['red', 'blue']);
    expect(turns().map(({ utterance }) => utterance)).toEqual([1, 2]);
  });

  it('counts a commit with nothing said, tells nobody, and forgets it', async () => {
    await start({ policy: MANUAL });
    running.commit();
    await running.send(silence(1000));
    running.commit();
    running.commit();
    expect(await emptyCommits()).toBe(3);
    await running.send(spoken('red'), silence(1000));
    expect(turns()).toEqual([]);
    running.commit();
    running.commit();
    expect(texts()).toEqual(['red']);
    expect(await emptyCommits()).toBe(4);
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
  });

  it('counts a turn in which nothing was understood', async () => {
    const engine = await startWithControlled({ policy: MANUAL });
    await running.send(voice(400));
    running.commit();
    engine.last.answer();
    await running.settle();
    expect(turns()).toEqual([]);
    expect(await running.counted('parley_stt_empty_turns_total')).toBe(1);
  });

  it('ends what was understood when the engine fails', async () => {
    const engine = await startWithControlled({ policy: MANUAL });
    await running.send(voice(400), silence(400));
    engine.last.answer('red');
    await running.send(voice(400));
    running.commit();
    engine.last.end();
    await running.pass(100);
    expect(texts()).toEqual(['red']);
  });

  it('gives a flush up that is never answered, and ends with what was understood', async () => {
    const engine = await startWithControlled({ policy: MANUAL, config: { FINAL_TIMEOUT_MS: 2000 } });
    await running.send(voice(400), silence(400));
    engine.last.answer('red');
    await running.send(voice(400));
    running.commit();
    await running.pass(2300);
    expect(texts()).toEqual(['red']);
  });
});

describe('SttSession whose turns end otherwise', () => {
  it('takes a commit for an early end of silence', async () => {
    await start();
    await running.send(spoken('i would like a'), silence(400));
    running.commit();
    expect(turns()).toMatchObject([{ text: 'i would like a', cause: 'caller', eouDelayMs: 440 }]);
    await running.send(silence(3000));
    expect(turns()).toHaveLength(1);
  });

  it("takes a commit for an early end of the engine's, and asks it for what it has", async () => {
    const policy = { endpointing: { by: 'engine' as const } };
    const engine = await startWithControlled({ policy }, { endOfTurn: true });
    await running.send(voice(400));
    running.commit();
    expect(engine.last.flushes).toBe(1);
    engine.last.answer('red');
    await running.settle();
    expect(turns()).toMatchObject([{ text: 'red', cause: 'caller' }]);
  });
});
