import { describe, expect, it } from '@jest/globals';
import { EngineError, type SpeechToTextEvent, type SpeechToTextStream } from '@parley/ports';
import { speechToTextConformance } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import { speakScripted } from '@parley/testing/engines';
import { BreakableEngine } from '../spec-support/breakable-engine.js';
import type { ChainObserver } from './chain-observer.js';
import { FallbackSpeechToText } from './fallback-speech-to-text.js';

const RATE = 16_000;
const OPTIONS = { sessionId: 's1', sampleRateHz: RATE, language: 'en' };
const SAID = 'two large coffees and a slice of cake';
const VOICE = speakScripted(SAID, RATE);
const REFUSED = new EngineError('engine_unavailable', 'refused by the test', true);

type Fallback = Parameters<NonNullable<ChainObserver['onFallback']>>[0];

function chainOf(...engines: [BreakableEngine, ...BreakableEngine[]]) {
  const fallbacks: Fallback[] = [];
  const observer = { onFallback: (fallback: Fallback) => fallbacks.push(fallback) };
  const [first, ...others] = engines.map(({ link }) => link);
  if (!first) throw new RangeError('a chain has a link');
  return { chain: new FallbackSpeechToText([first, ...others], { observer, recoverMs: 2000 }), fallbacks };
}

function listen(stream: SpeechToTextStream) {
  const events: SpeechToTextEvent[] = [];
  void (async () => {
    for await (const event of stream.events) events.push(event);
  })();
  const textOf = () => events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
  const until = (type: SpeechToTextEvent['type'], count = 1) =>
    eventually(() => events.filter((event) => event.type === type).length >= count, { what: `${count} ${type}` });
  return { events, textOf, until };
}

function write(stream: SpeechToTextStream, pcm: Int16Array) {
  for (let at = 0; at < pcm.length; at += 320) stream.write(pcm.subarray(at, at + 320));
}

const sample = (text: string) => ({ pcm: speakScripted(text, RATE), words: text.toLowerCase().match(/[a-z]+/g) ?? [] });
speechToTextConformance('a chain', () => chainOf(new BreakableEngine('one'), new BreakableEngine('two')).chain, {
  sampleRateHz: RATE,
  language: 'en',
  first: sample('Two large coffees.'),
  second: sample('and one tea'),
});

describe('a chain of speech-to-text engines', () => {
  it('goes on with the next engine in the middle of an utterance, and nothing of it is lost or said twice', async () => {
    const [one, two] = [new BreakableEngine('one'), new BreakableEngine('two')];
    const { chain, fallbacks } = chainOf(one, two);
    const stream = await chain.open(OPTIONS);
    const { textOf, until } = listen(stream);
    const middle = Math.floor(VOICE.length / 2);
    write(stream, VOICE.subarray(0, middle));
    await until('interim');
    one.refusal = REFUSED;
    one.break();
    write(stream, VOICE.subarray(middle));
    stream.flush();
    await until('flushed');
    expect(textOf().join(' ').toLowerCase()).toBe(SAID);
    expect(fallbacks.map(({ from, to, code }) => [from, to, code])).toEqual([['one', 'two', 'engine_unavailable']]);
    await stream.close();
  });

  it('answers the flush that an engine died of, and only once', async () => {
    const [one, two] = [new BreakableEngine('one'), new BreakableEngine('two')];
    const { chain } = chainOf(one, two);
    const stream = await chain.open(OPTIONS);
    const { events, textOf, until } = listen(stream);
    one.isMute = true;
    write(stream, VOICE);
    stream.flush();
    one.refusal = REFUSED;
    one.break('engine_timeout');
    await until('flushed');
    expect(textOf()).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'flushed')).toHaveLength(1);
    await stream.close();
  });

  it('does not say again what had its final before the failure', async () => {
    const [one, two] = [new BreakableEngine('one'), new BreakableEngine('two')];
    const { chain } = chainOf(one, two);
    const stream = await chain.open(OPTIONS);
    const { textOf, until } = listen(stream);
    write(stream, VOICE);
    stream.flush();
    await until('flushed');
    one.break('engine_timeout');
    await eventually(() => two.opened.length === 1, { what: 'the second engine' });
    write(stream, speakScripted('and a tea', RATE));
    stream.flush();
    await until('flushed', 2);
    expect(textOf().map((text) => text.toLowerCase())).toEqual([SAID, 'and a tea']);
    await stream.close();
  });

  it('makes a broken connection again before it takes another engine', async () => {
    const [one, two] = [new BreakableEngine('one'), new BreakableEngine('two')];
    const { chain, fallbacks } = chainOf(one, two);
    const stream = await chain.open(OPTIONS);
    const { textOf, until } = listen(stream);
    write(stream, VOICE.subarray(0, 8000));
    one.break();
    write(stream, VOICE.subarray(8000));
    stream.flush();
    await until('flushed');
    expect(fallbacks.map(({ to }) => to)).toEqual(['one']);
    expect(textOf().join(' ').toLowerCase()).toBe(SAID);
    one.break();
    await eventually(() => fallbacks.length === 2, { what: 'second fallback' });
    expect(fallbacks[1]?.to).toBe('two');
    await stream.close();
  });

  it('opens with the first engine that opens, and passes over one whose breaker is open', async () => {
    const [one, two] = [new BreakableEngine('one'), new BreakableEngine('two')];
    one.refusal = REFUSED;
    const { chain } = chainOf(one, two);
    for (let n = 0; n < 5; n++) await (await chain.open(OPTIONS)).close();
    expect(one.opened).toHaveLength(3);
    expect(two.opened).toHaveLength(5);
  });

  it('is ready as long as one of its engines is', async () => {
    const [one, two] = [new BreakableEngine('one'), new BreakableEngine('two')];
    one.link.engine.warm = () => Promise.reject(REFUSED);
    const { chain } = chainOf(one, two);
    await expect(chain.warm()).resolves.toBeUndefined();
    two.link.engine.warm = () => Promise.reject(REFUSED);
    await expect(chain.warm()).rejects.toBe(REFUSED);
  });

  it('says the last error when no engine is left, and may be opened again', async () => {
    const [one, two] = [new BreakableEngine('one'), new BreakableEngine('two')];
    const { chain } = chainOf(one, two);
    const stream = await chain.open(OPTIONS);
    const { events, until } = listen(stream);
    one.refusal = REFUSED;
    two.refusal = new EngineError('engine_quota', 'refused by the test', false);
    one.break();
    await until('error');
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'engine_quota' } });
    await expect(chain.open(OPTIONS)).rejects.toMatchObject({ name: 'EngineError' });
    one.refusal = undefined;
    const again = await chain.open(OPTIONS).catch(() => chain.open(OPTIONS));
    await again.close();
    await stream.close();
  });

  it('ends turns by silence when the engine that takes over does not', async () => {
    const one = new BreakableEngine('one', { endOfTurn: true });
    const two = new BreakableEngine('two');
    const { chain } = chainOf(one, two);
    const stream = await chain.open({ ...OPTIONS, endOfTurn: { minSilenceMs: 300, maxSilenceMs: 800 } });
    const { events, textOf, until } = listen(stream);
    one.refusal = REFUSED;
    one.break();
    await eventually(() => two.opened.length === 1, { what: 'the second engine' });
    expect(two.opened[0]?.endOfTurn).toBeUndefined();
    write(stream, VOICE);
    write(stream, new Int16Array(RATE));
    await until('end_of_turn');
    expect(textOf().join(' ').toLowerCase()).toBe(SAID);
    expect(events.map(({ type }) => type)).not.toContain('flushed');
    await stream.close();
  });

  it('keeps silence from an engine that wants speech alone, and loses no word', async () => {
    const one = new BreakableEngine('one', { feed: 'continuous' });
    const two = new BreakableEngine('two', { feed: 'speech' });
    const { chain } = chainOf(one, two);
    one.refusal = REFUSED;
    const stream = await chain.open(OPTIONS);
    const { textOf, until } = listen(stream);
    write(stream, new Int16Array(5 * RATE));
    write(stream, VOICE);
    stream.flush();
    await until('flushed');
    expect(textOf().join(' ').toLowerCase()).toBe(SAID);
    expect(two.samples).toBeLessThan(VOICE.length + RATE);
    await stream.close();
  });

  it('moves a stream before its provider would end it, and loses no word', async () => {
    const one = new BreakableEngine('one', {}, { maxStreamMs: 300 });
    const { chain } = chainOf(one);
    const stream = await chain.open(OPTIONS);
    const { textOf, until } = listen(stream);
    const middle = Math.floor(VOICE.length / 2);
    write(stream, VOICE.subarray(0, middle));
    await new Promise((resolve) => setTimeout(resolve, 400));
    write(stream, VOICE.subarray(middle, middle + 320));
    await eventually(() => one.opened.length === 2, { what: 'the second stream' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    write(stream, VOICE.subarray(middle + 320));
    stream.flush();
    await until('flushed');
    expect(textOf().join(' ').toLowerCase()).toBe(SAID);
    await stream.close();
  });
});
