import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createScriptedSpeechToText } from '@parley/testing/engines';
import {
  expectNewOwnerToKnowTheSame,
  running,
  start,
  startWithControlled,
  turns,
} from '../spec-support/current-session.js';
import { samplesOf, silence, voice } from '../spec-support/running-stt-session.js';
import { clock, newClock, spoken } from '../spec-support/started-sessions.js';

beforeEach(newClock);
afterEach(expectNewOwnerToKnowTheSame);

const ended = () => turns().map(({ text, cause, eouDelayMs }) => [text, cause, eouDelayMs]);

describe('SttSession whose turns end by silence', () => {
  it.each([
    ['a club please', 'silence', 400],
    ['two turkey clubs', 'silence', 700],
    ['i would like a', 'longest_silence', 2400],
  ])('waits after "%s" as its words ask for, and measures it', async (text, cause, delayMs) => {
    await start();
    // The scripted voice ends with 40 ms of silence.
    await running.send(spoken(text), silence(delayMs - 80));
    expect(turns()).toEqual([]);
    await running.send(silence(60));
    expect(ended()).toEqual([[text, cause, delayMs]]);
    expect(await running.counted(`parley_stt_turns_total{cause="${cause}"`)).toBe(1);
    expect(await running.counted('parley_stt_eou_delay_seconds_sum')).toBe(delayMs / 1000);
  });

  it('waits as long as the policy says', async () => {
    await start({ policy: { endpointing: { minDelayMs: 500, delayMs: 900, maxDelayMs: 1500 } } });
    for (const text of ['yes please', 'two clubs', 'and the']) await running.send(spoken(text), silence(2000));
    expect(ended().map(([, , delayMs]) => delayMs)).toEqual([500, 900, 1500]);
  });

  it('ends no turn before its final transcript, however complete its words are', async () => {
    await start({}, 1500);
    await running.send(spoken('a club please'), silence(1700));
    expect(running.types).toEqual(['speech.started', 'speech.stopped']);
    await running.send(silence(200));
    expect(running.types.slice(2)).toEqual(['transcript.final', 'turn.ended']);
    expect(turns()[0]).toMatchObject({ text: 'a club please', cause: 'silence' });
  });

  it('goes on with the same turn when the caller goes on before the decision, however close to it', async () => {
    await start();
    await running.send(spoken('a club please'), silence(340), spoken('and soup'), silence(1000));
    expect(ended()).toMatchObject([['a club please and soup', 'silence', 700]]);
    expect(await running.counted('parley_stt_turns_continued_total')).toBe(0);
  });

  it('is not kept waiting by a sound that is no speech', async () => {
    await start();
    await running.send(spoken('a club please'), silence(300), voice(60), silence(1000));
    expect(ended()).toMatchObject([['a club please', 'silence', expect.any(Number)]]);
    expect(turns()[0]?.eouDelayMs).toBeLessThanOrEqual(550);
  });

  it('counts a turn that may be the rest of the one before', async () => {
    await start();
    await running.send(spoken('a club please'), silence(1000), spoken('with soup'), silence(4000), spoken('thanks'));
    expect(await running.counted('parley_stt_turns_continued_total{cause="silence"')).toBe(1);
  });
});

describe('SttSession whose turns the engine ends', () => {
  const policy = { endpointing: { by: 'engine' as const } };

  it('goes by the engine, which hears the silence too', async () => {
    await start({ policy, engine: createScriptedSpeechToText({ clock, latencyMs: 50, endOfTurn: true }) });
    await running.send(silence(1000), spoken('My number is five.'), silence(600));
    expect(running.types).toEqual(['speech.started', 'speech.stopped', 'transcript.final', 'turn.ended']);
    expect(ended()).toEqual([['My number is five.', 'engine', 440]]);
    expect(await running.counted('parley_stt_turns_total{cause="engine"')).toBe(1);
    await running.send(silence(5000));
    expect(turns()).toHaveLength(1);
    await running.send(spoken('Well, thanks'), silence(2600));
    expect(ended()[1]).toMatchObject(['Well, thanks', 'engine', expect.any(Number)]);
    expect(await running.counted('parley_stt_empty_turns_total')).toBe(0);
  });

  it('says with the final where it was said', async () => {
    await start({ policy, engine: createScriptedSpeechToText({ clock, latencyMs: 50, endOfTurn: true }) });
    await running.send(silence(1000), spoken('Yes.'), silence(600));
    const [final] = running.bus.events(running.sessionId, 'transcript.final');
    expect(final).toMatchObject({ utterance: 1, startPts: samplesOf(1000), audioMs: 200 });
    expect(final?.endPts).toBeLessThanOrEqual(samplesOf(1640));
    expect(final?.endPts).toBeGreaterThanOrEqual(samplesOf(1600));
    expect(turns()[0]).toMatchObject({ endPts: samplesOf(1200), utterance: 1 });
  });

  it('opens its stream so, asks it for nothing, and gives it everything', async () => {
    const engine = await startWithControlled({ policy }, { endOfTurn: true });
    expect(engine.asked).toMatchObject([{ endOfTurn: { minSilenceMs: 400, maxSilenceMs: 2100 } }]);
    await running.send(silence(1000), voice(400), silence(600));
    expect(engine.last.written).toEqual([samplesOf(2000)]);
  });

  it('ends a turn by the longest silence when the engine says nothing, with the final that it is asked for', async () => {
    const engine = await startWithControlled({ policy }, { endOfTurn: true });
    await running.send(voice(400), silence(2380));
    expect(engine.last.flushes).toBe(0);
    await running.send(silence(40));
    expect(engine.last.flushes).toBe(1);
    engine.last.say({ type: 'final', text: 'hello' });
    engine.last.say({ type: 'end_of_turn' });
    engine.last.say({ type: 'flushed' });
    await running.send(silence(20));
    expect(ended()).toMatchObject([['hello', 'longest_silence', expect.any(Number)]]);
    await running.send(silence(5000));
    expect(engine.last.flushes).toBe(1);
  });

  it('ends the turn while the detector still hears the caller, whose next words are the next turn', async () => {
    const engine = await startWithControlled({ policy }, { endOfTurn: true });
    await running.send(voice(400), silence(100));
    engine.last.say({ type: 'final', text: 'red', endMs: 400 });
    engine.last.say({ type: 'end_of_turn' });
    await running.settle();
    expect(running.types).toEqual(['speech.started', 'transcript.final', 'speech.stopped', 'turn.ended']);
    expect(ended()).toEqual([['red', 'engine', 100]]);
    await running.send(voice(400));
    engine.last.say({ type: 'final', text: 'green' });
    engine.last.say({ type: 'end_of_turn' });
    await running.send(silence(400));
    expect(ended().map(([text]) => text)).toEqual(['red', 'green']);
    expect(running.types.filter((type) => type === 'speech.started')).toHaveLength(2);
  });

  it('leaves speech that has begun since to the next turn when the engine is late', async () => {
    const engine = await startWithControlled({ policy }, { endOfTurn: true });
    await running.send(voice(400), silence(600), voice(200));
    engine.last.say({ type: 'final', text: 'red', endMs: 400 });
    engine.last.say({ type: 'end_of_turn' });
    await running.settle();
    expect(turns()).toMatchObject([{ text: 'red', utterance: 1, endPts: samplesOf(400) }]);
    await running.send(voice(200), silence(400));
    engine.last.say({ type: 'final', text: 'green' });
    engine.last.say({ type: 'end_of_turn' });
    await running.settle();
    expect(turns()[1]).toMatchObject({ text: 'green', utterance: 2 });
    expect(running.types.filter((type) => type === 'speech.started')).toHaveLength(2);
  });

  it('passes over an end of nothing', async () => {
    const engine = await startWithControlled({ policy }, { endOfTurn: true });
    engine.last.say({ type: 'end_of_turn' });
    await running.send(silence(1000));
    expect(running.told).toEqual([]);
  });

  it('takes silence for the end when the engine cannot, and counts and says it once', async () => {
    const engine = await startWithControlled({ policy });
    running.policy(policy);
    expect(engine.asked.map(({ endOfTurn }) => endOfTurn)).toEqual([undefined]);
    await running.send(voice(400), silence(300));
    engine.last.answer('a club please');
    await running.send(silence(200));
    expect(ended()).toEqual([['a club please', 'silence', 400]]);
    expect(await running.counted('parley_stt_endpointing_fallbacks_total{engine="controlled"')).toBe(1);
  });

  it('takes silence for the end when the engine has failed, and goes by the next stream after', async () => {
    const engine = await startWithControlled({ policy }, { endOfTurn: true });
    await running.send(voice(400));
    engine.last.say({ type: 'final', text: 'two clubs' });
    await running.send(voice(200));
    engine.last.end();
    await running.send(silence(720));
    expect(ended()).toEqual([['two clubs', 'silence', 700]]);
    await running.send(silence(500), voice(400));
    expect(engine.streams).toHaveLength(2);
    engine.last.say({ type: 'final', text: 'thanks' });
    engine.last.say({ type: 'end_of_turn' });
    await running.send(silence(40));
    expect(ended()[1]).toMatchObject(['thanks', 'engine', expect.any(Number)]);
    // 300 ms from before the speech, and everything since
    expect(engine.last.written).toEqual([samplesOf(740)]);
  });
});
