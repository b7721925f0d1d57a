import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EngineError, type SpeechToTextStream } from '@parley/ports';
import { EventLog } from '@parley/ports/conformance';
import { createEngine, createPocketsphinx, type Pocketsphinx } from './create-pocketsphinx.js';
import { FakeDecoder } from './fake-decoder.js';
import type { PocketsphinxOptions } from './pocketsphinx-options.js';

const SECOND = 16_000;
const engines: Pocketsphinx[] = [];
const said = (word: number, samples = SECOND) => new Int16Array(samples).fill(word);

function setUp(options: PocketsphinxOptions = {}) {
  const decoders: FakeDecoder[] = [];
  const engine = createEngine({ decoders: 1, ...options }, async () => {
    const decoder = new FakeDecoder();
    decoders.push(decoder);
    queueMicrotask(() => queueMicrotask(() => decoder.onReport({ type: 'ready' })));
    return decoder;
  });
  engines.push(engine);
  const open = async (keyTerms?: string[]) => {
    const stream = await engine.open({ sessionId: 's', sampleRateHz: 16_000, language: 'en', keyTerms });
    return { stream, log: new EventLog(stream, 2000) };
  };
  const work = () => decoders.forEach((decoder) => decoder.work());
  return { engine, decoders, open, work };
}

function say(stream: SpeechToTextStream, word: number, samples?: number): void {
  stream.write(said(word, samples));
  stream.flush();
}

afterEach(async () => {
  jest.useRealTimers();
  for (const engine of engines.splice(0)) await engine.close();
});

describe('the pool of decoders', () => {
  it('lets an utterance wait with its audio while every decoder is leased, and decodes it after', async () => {
    const { engine, open, work } = setUp();
    const [one, two] = [await open(), await open()];
    one.stream.write(said(1));
    say(two.stream, 2);
    expect(engine.stats).toMatchObject({ leased: 1, waiting: 1, waitingMs: 1000 });
    work();
    expect(two.log.types).toEqual([]);
    one.stream.flush();
    work();
    await Promise.all([one.log.flushed(1), two.log.flushed(1)]);
    expect([...one.log.finals, ...two.log.finals]).toEqual(['1', '2']);
    expect(engine.stats).toMatchObject({ leased: 0, waiting: 0, waitingMs: 0 });
  });

  it('grows to the number of decoders it may have when utterances wait, and not further', async () => {
    const { decoders, open, engine } = setUp({ decoders: 2 });
    const streams = [await open(), await open(), await open()];
    for (const { stream } of streams) stream.write(said(1));
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(decoders).toHaveLength(2);
    expect(engine.stats).toMatchObject({ decoders: 2, leased: 2, waiting: 1 });
  });

  it('refuses an utterance with engine_busy when too much audio waits, and counts it', async () => {
    const { engine, open, work } = setUp({ maxWaitingMs: 1500 });
    const [one, two, three] = [await open(), await open(), await open()];
    one.stream.write(said(1));
    two.stream.write(said(2));
    three.stream.write(said(3));
    await three.log.ended;
    expect(three.log.events).toEqual([{ type: 'error', error: expect.any(EngineError) }]);
    expect(three.log.events[0]).toMatchObject({ error: { code: 'engine_busy', retryable: true } });
    expect(engine.stats).toMatchObject({ refusedUtterances: 1, refusedMs: 1000, waiting: 1 });
    one.stream.flush();
    two.stream.flush();
    work();
    await two.log.flushed(1);
    expect(two.log.finals).toEqual(['2']);
  });

  it('fails the utterance of a decoder that broke with engine_unavailable, and serves the next with another', async () => {
    const { engine, decoders, open } = setUp();
    const broken = await open();
    broken.stream.write(said(1));
    const next = await open();
    say(next.stream, 2);
    decoders[0]?.onExit(new Error('out of memory'));
    await broken.log.ended;
    expect(broken.log.events).toMatchObject([
      { type: 'error', error: { code: 'engine_unavailable', retryable: true } },
    ]);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    decoders[1]?.work();
    await next.log.flushed(1);
    expect(next.log.finals).toEqual(['2']);
    expect(engine.stats).toMatchObject({ decoders: 1, lostDecoders: 1 });
  });

  it('fails the utterances in line when no decoder can be loaded', async () => {
    let loads = 0;
    const first = new FakeDecoder();
    const engine = createEngine({ decoders: 1 }, async () => {
      loads += 1;
      if (loads > 1) throw new EngineError('engine_missing', 'gone', false);
      queueMicrotask(() => queueMicrotask(() => first.onReport({ type: 'ready' })));
      return first;
    });
    const stream = await engine.open({ sessionId: 's', sampleRateHz: 16_000, language: 'en' });
    first.onExit(new Error('broke'));
    const log = new EventLog(stream, 2000);
    stream.write(said(1));
    await log.ended;
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_missing' } }]);
  });

  it('gives a decoder little ahead of what it has worked through', async () => {
    const { decoders, open } = setUp();
    const { stream } = await open();
    expect(stream.write(said(1))).toBe(1000);
    const decodes = () => decoders[0]?.commands.filter(({ type }) => type === 'decode').length;
    expect(decodes()).toBe(3);
    decoders[0]?.workOne();
    decoders[0]?.workOne();
    expect(decodes()).toBe(4);
    expect(stream.write(new Int16Array(0))).toBe(900);
  });

  it('abandons what a decoder is working on when the stream resets, and ignores what it still says', async () => {
    const { decoders, open, work } = setUp();
    const { stream, log } = await open();
    stream.write(said(1));
    stream.reset();
    expect(decoders[0]?.commands.at(-1)).toEqual({ type: 'abandon' });
    say(stream, 2);
    work();
    await log.flushed(1);
    expect(log.finals).toEqual(['2']);
    expect(log.events.filter((event) => event.type === 'interim')).not.toContainEqual(
      expect.objectContaining({ text: '1' }),
    );
  });

  it('gives the voice of an earlier utterance to the next one of the same stream alone', async () => {
    const { decoders, open, work } = setUp();
    const [one, two] = [await open(), await open()];
    for (const { stream, log } of [one, two]) {
      say(stream, 1);
      work();
      await log.flushed(1);
    }
    say(one.stream, 2);
    work();
    await one.log.flushed(2);
    const begins = decoders[0]?.commands.filter(({ type }) => type === 'begin');
    expect(begins).toMatchObject([{ mean: undefined }, { mean: undefined }, { mean: Float32Array.of(1) }]);
  });

  it('has an idle decoder load key terms when a stream opens, and reports the terms that are left out', async () => {
    const { engine, decoders, open, work } = setUp();
    await open(['chips', '?']);
    work();
    expect(decoders[0]?.commands).toEqual([{ type: 'prepare', terms: ['chips', '?'] }]);
    expect(engine.stats.ignoredTerms).toEqual(['?']);
  });
});

describe('a stream', () => {
  it('cuts an utterance that is too long: a final without flushed, then the rest', async () => {
    const { engine, open, work } = setUp({ maxUtteranceMs: 1000 });
    const { stream, log } = await open();
    say(stream, 1, 2.5 * SECOND);
    work();
    await log.flushed(1);
    expect(log.types).toEqual(['final', 'final', 'final', 'flushed']);
    expect(engine.stats.cutUtterances).toBe(2);
  });

  it('answers a flush right after a cut with flushed', async () => {
    const { open, work } = setUp({ maxUtteranceMs: 1000 });
    const { stream, log } = await open();
    say(stream, 1);
    stream.flush();
    work();
    await log.flushed(2);
    expect(log.types).toEqual(['final', 'flushed', 'flushed']);
  });

  it('cuts an utterance that keeps a decoder without being written to', async () => {
    const { engine, open, work } = setUp({ idleMs: 3000 });
    const { stream, log } = await open();
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
    stream.write(said(1));
    jest.advanceTimersByTime(2999);
    stream.write(said(2));
    jest.advanceTimersByTime(2999);
    expect(engine.stats.cutUtterances).toBe(0);
    jest.advanceTimersByTime(1);
    jest.useRealTimers();
    work();
    await log.until('a final', () => log.finals.length === 1);
    expect(log.finals).toEqual(['1 2']);
    expect(engine.stats).toMatchObject({ cutUtterances: 1, leased: 0 });
  });

  it('says an interim result when the hypothesis has changed, and not otherwise', async () => {
    const { decoders, open } = setUp();
    const { stream, log } = await open();
    stream.write(said(1));
    stream.write(said(2));
    stream.flush();
    while (decoders[0]?.workOne()) await log.until('its events', () => true);
    await log.flushed(1);
    expect(log.events.filter(({ type }) => type === 'interim')).toMatchObject([{ text: '1' }, { text: '1 2' }]);
  });
});

describe('createPocketsphinx', () => {
  it.each([{ decoders: 0 }, { decoders: 1.5 }, { maxWaitingMs: -1 }, { maxUtteranceMs: NaN }, { idleMs: 0 }])(
    'refuses %j with engine_settings',
    (options) => {
      expect(() => createPocketsphinx(options)).toThrow(expect.objectContaining({ code: 'engine_settings' }));
    },
  );

  it('refuses a language other than English', async () => {
    const { engine } = setUp();
    const opening = engine.open({ sessionId: 's', sampleRateHz: 16_000, language: 'de' });
    await expect(opening).rejects.toMatchObject({ code: 'engine_settings', retryable: false });
  });

  it('frees its decoders once when it closes twice', async () => {
    const { engine, decoders } = setUp();
    await engine.warm();
    await Promise.all([engine.close(), engine.close()]);
    expect(decoders.map(({ quits }) => quits)).toEqual([1]);
  });
});
