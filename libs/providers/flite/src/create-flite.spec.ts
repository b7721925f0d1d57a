import { describe, expect, it } from '@jest/globals';
import type { SpeechChunk } from '@parley/ports';
import { codeOf, within } from '@parley/ports/conformance';
import { createEngine, createFlite, type FliteOptions } from './create-flite.js';
import { FakeSpeechThread } from './fake-speech-thread.js';
import type { SpeechReport } from './speech-protocol.js';

function setUp(options: FliteOptions = {}, first: SpeechReport = { type: 'ready' }) {
  const threads: FakeSpeechThread[] = [];
  const engine = createEngine(options, () => {
    const thread = new FakeSpeechThread();
    threads.push(thread);
    queueMicrotask(() => thread.onReport(first));
    return thread;
  });
  const speak = (text: string, signal?: AbortSignal) =>
    engine.synthesize({ sessionId: 's', text, language: 'en', sampleRateHz: 16_000, signal })[Symbol.asyncIterator]();
  return { engine, threads, speak };
}

async function rest(speech: AsyncIterator<SpeechChunk>): Promise<number> {
  let samples = 0;
  for (let next = await speech.next(); !next.done; next = await speech.next()) samples += next.value.pcm.length;
  return samples;
}

const soon = <T>(promise: Promise<T>) => within(2000, 'speech', promise);

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe('createFlite', () => {
  it.each<FliteOptions>([{ maxTextChars: 0 }, { maxWaiting: 0.5 }, { voices: [] }, { voices: ['kal' as 'slt'] }])(
    'refuses %j with engine_settings',
    (options) => {
      expect(() => createFlite(options)).toThrow(expect.objectContaining({ code: 'engine_settings' }));
    },
  );

  it('says texts one after another, in the order they were asked for', async () => {
    const { threads, speak } = setUp();
    const lengths = ['one', 'three', 'eleven'].map((text) => rest(speak(text)));
    await turns();
    expect(threads[0]?.pending).toBe(1);
    for (let i = 0; i < 3; i++) threads[0]?.say();
    expect(await soon(Promise.all(lengths))).toEqual([3, 5, 6]);
    expect(threads[0]?.spoken).toEqual(['one', 'three', 'eleven']);
  });

  it('gives the first chunk before the text is spoken', async () => {
    const { threads, speak } = setUp();
    const first = speak('hello').next();
    await turns();
    threads[0]?.say({ end: false });
    expect((await soon(first)).value?.pcm).toHaveLength(5);
  });

  it('gives each word with the chunk in which it begins', async () => {
    const { threads, speak } = setUp();
    const speech = speak('x'.repeat(160));
    const first = speech.next();
    await turns();
    const [one, two] = [
      { word: 'one', startMs: 1, endMs: 8 },
      { word: 'two', startMs: 12, endMs: 18 },
    ];
    threads[0]?.say({ end: false, words: [one, two] });
    expect((await soon(first)).value?.words).toEqual([one]);
    threads[0]?.say();
    expect((await soon(speech.next())).value?.words).toEqual([two]);
  });

  it('refuses a text that is too long with engine_input, without its words in the message', async () => {
    const { speak } = setUp({ maxTextChars: 5 });
    const refused = speak('secret').next();
    await expect(soon(refused)).rejects.toMatchObject({
      code: 'engine_input',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('refuses a text with engine_busy when too many wait, and counts it', async () => {
    const { engine, threads, speak } = setUp({ maxWaiting: 1 });
    await engine.warm();
    const [speaking, waiting] = [rest(speak('one')), rest(speak('two'))];
    expect(await soon(codeOf(rest(speak('three'))))).toBe('engine_busy');
    expect(engine.stats).toEqual({ waiting: 1, refusedTexts: 1, lostThreads: 0 });
    threads[0]?.say();
    threads[0]?.say();
    expect(await soon(Promise.all([speaking, waiting]))).toEqual([3, 3]);
  });

  it('stops the thread when aborted, and drops what was not read', async () => {
    const { threads, speak } = setUp();
    const controller = new AbortController();
    const speech = speak('hello', controller.signal);
    const first = speech.next();
    await turns();
    threads[0]?.say({ end: false });
    await soon(first);
    threads[0]?.say({ end: false });
    controller.abort();
    expect(await soon(codeOf(speech.next()))).toBe('engine_aborted');
    expect(threads[0]?.stopped).toBe(true);
  });

  it('stops the thread when the loop is left', async () => {
    const { threads, speak } = setUp();
    const speech = speak('hello');
    const first = speech.next();
    await turns();
    threads[0]?.say({ end: false });
    await soon(first);
    await speech.return?.();
    expect(threads[0]?.stopped).toBe(true);
  });

  it('never says a text that was aborted while it waited', async () => {
    const { threads, speak } = setUp();
    const controller = new AbortController();
    const [one, two, three] = [rest(speak('one')), rest(speak('two', controller.signal)), rest(speak('three'))];
    const aborted = codeOf(two);
    await turns();
    controller.abort();
    threads[0]?.say();
    threads[0]?.say();
    await soon(Promise.all([one, three]));
    expect(await soon(aborted)).toBe('engine_aborted');
    expect(threads[0]?.spoken).toEqual(['one', 'three']);
  });

  it('fails the text of a thread that broke with engine_unavailable, and says the next on another', async () => {
    const { engine, threads, speak } = setUp();
    const [broken, next] = [codeOf(rest(speak('one'))), rest(speak('three'))];
    await turns();
    threads[0]?.onExit(new Error('broke'));
    expect(await soon(broken)).toBe('engine_unavailable');
    await turns();
    threads[1]?.say();
    expect(await soon(next)).toBe(5);
    expect(engine.stats.lostThreads).toBe(1);
  });

  it('fails with engine_missing and what to install when the library is not there', async () => {
    const message = 'libflite.so.1: cannot open shared object file';
    const { engine, speak } = setUp({}, { type: 'load_failed', missing: true, message });
    const missing = { code: 'engine_missing', message: expect.stringContaining('apt-get install libflite1') };
    await expect(soon(engine.warm())).rejects.toMatchObject(missing);
    await expect(soon(rest(speak('hello')))).rejects.toMatchObject(missing);
  });

  it('fails what waits when it closes', async () => {
    const { engine, threads, speak } = setUp();
    const codes = ['one', 'two'].map((text) => codeOf(rest(speak(text))));
    await turns();
    await soon(engine.close());
    expect(await soon(Promise.all(codes))).toEqual(['engine_closed', 'engine_closed']);
    expect(threads.map(({ quits }) => quits)).toEqual([1]);
  });
});
