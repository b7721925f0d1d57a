import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { cartesiaSettings, type SpeechChunk, type SynthesisRequest, type TextToSpeech } from '@parley/ports';
import { codeOf, textToSpeechConformance } from '@parley/ports/conformance';
import { deadline, eventually } from '@parley/testing';
import { startCartesiaEmulator, type CartesiaEmulatorOptions, type Emulator } from '@parley/testing/emulators';
import { readScripted } from '@parley/testing/engines';
import { createCartesia, type CartesiaOptions } from './index.js';

const TEXT = 'I would like two turkey clubs and a soda please.';
const open: { close(): Promise<void> }[] = [];
const emulators: Emulator[] = [];

afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
  for (const emulator of emulators.splice(0)) await emulator.stop();
});

async function start(options: Partial<CartesiaOptions> = {}, emulated: CartesiaEmulatorOptions = {}) {
  const emulator = await startCartesiaEmulator(emulated);
  emulators.push(emulator);
  const incidents: string[] = [];
  const observe = (incident: string) => incidents.push(incident);
  const engine = createCartesia({ apiKey: 'key', baseUrl: emulator.url, observe, ...options });
  open.push(engine);
  return { emulator, engine, incidents };
}

function request(more: Partial<SynthesisRequest> = {}): SynthesisRequest {
  return { sessionId: 'session', text: TEXT, language: 'en-US', sampleRateHz: 24_000, ...more };
}

async function speak(engine: TextToSpeech, more: Partial<SynthesisRequest> = {}): Promise<SpeechChunk[]> {
  const chunks: SpeechChunk[] = [];
  for await (const chunk of engine.synthesize(request(more))) chunks.push(chunk);
  return chunks;
}

function heard(chunks: readonly SpeechChunk[]): string {
  const samples = chunks.flatMap(({ pcm }) => [...pcm]);
  return readScripted(Int16Array.from(samples)).text;
}

function sent(emulator: Emulator, socket = 0): Record<string, unknown>[] {
  return (emulator.requests[socket]?.messages ?? []).map(
    ({ data }) => JSON.parse(data.toString()) as Record<string, unknown>,
  );
}

const shared = await startCartesiaEmulator();
afterAll(() => shared.stop());
textToSpeechConformance('Cartesia', () => createCartesia({ apiKey: 'key', baseUrl: shared.url }));

describe('what Cartesia is sent', () => {
  it('opens one socket with key and version, and speaks a text in a context of its own', async () => {
    const { emulator, engine } = await start();
    expect(heard(await speak(engine))).toBe(TEXT);
    const [upgrade] = emulator.requests;
    expect(upgrade?.url.pathname).toBe('/tts/websocket');
    expect(upgrade?.headers.authorization).toBe('Bearer key');
    expect(upgrade?.headers['cartesia-version']).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(sent(emulator)).toEqual([
      {
        context_id: expect.stringMatching(/^[\w-]+$/),
        model_id: 'sonic-3',
        transcript: TEXT,
        voice: { mode: 'id', id: cartesiaSettings.parse({}).voice },
        language: 'en',
        output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 24_000 },
        add_timestamps: true,
        continue: false,
        max_buffer_delay_ms: 0,
      },
    ]);
  });

  it('sends the settings, and the voice that is asked for', async () => {
    const settings = cartesiaSettings.parse({
      model: 'sonic-3.5',
      voice: 'one',
      voices: ['two'],
      language: 'de',
      speed: 1.2,
      volume: 0.8,
      emotion: 'calm',
      pronunciationDictionaryId: 'dictionary',
      maxBufferDelayMs: 100,
    });
    const { emulator, engine } = await start({ settings });
    expect(engine.capabilities.voices).toEqual(['one', 'two']);
    await speak(engine, { voice: 'two', sampleRateHz: 8000, language: 'tlh' });
    expect(sent(emulator)[0]).toMatchObject({
      model_id: 'sonic-3.5',
      voice: { id: 'two' },
      language: 'de',
      output_format: { sample_rate: 8000 },
      generation_config: { speed: 1.2, volume: 0.8, emotion: 'calm' },
      pronunciation_dict_id: 'dictionary',
      max_buffer_delay_ms: 100,
    });
  });

  it('leaves out what cannot be spoken, and sends nothing where nothing is left', async () => {
    const { emulator, engine } = await start();
    expect(await speak(engine, { text: ' — … ☕' })).toEqual([]);
    expect(emulator.requests).toEqual([]);
    expect(heard(await speak(engine, { text: 'naïve\u0000 Café \ud83d 你好' }))).toBe('naïve Café 你好');
    expect(sent(emulator)[0]?.['transcript']).not.toMatch(/\p{Cc}|\p{Cs}/u);
  });

  it('refuses settings out of range, and a language that it does not speak', async () => {
    expect(cartesiaSettings.safeParse({ speed: 2 }).success).toBe(false);
    expect(cartesiaSettings.safeParse({ maxBufferDelayMs: 5001 }).success).toBe(false);
    expect(cartesiaSettings.safeParse({ speeed: 1 }).success).toBe(false);
    const { engine } = await start();
    expect(await codeOf(speak(engine, { language: 'tlh' }))).toBe('engine_settings');
    for (const wrong of [{ apiKey: ' ' }, { baseUrl: 'ws://127.0.0.1' }, { baseUrl: 'nowhere' }])
      expect(() => createCartesia({ apiKey: 'key', ...wrong })).toThrow(expect.objectContaining({ code: 'engine_settings' })); // prettier-ignore
  });
});

describe('connections', () => {
  it('is warm with one socket open, that all texts then share', async () => {
    const { emulator, engine, incidents } = await start();
    await engine.warm();
    expect(emulator.connections).toBe(1);
    const texts = ['one fish', 'two fish', 'red fish', 'blue fish'];
    const voices = await Promise.all(texts.map((text) => speak(engine, { text })));
    expect(voices.map(heard)).toEqual(texts);
    expect(emulator.requests).toHaveLength(1);
    expect(new Set(sent(emulator).map((message) => message['context_id'])).size).toBe(4);
    expect(incidents).toEqual([]);
  });

  it('opens another socket when one has texts enough', async () => {
    const { emulator, engine } = await start();
    const voices = await Promise.all(Array.from({ length: 20 }, (_, n) => speak(engine, { text: `text ${n}` })));
    expect(voices.map(heard)).toEqual(Array.from({ length: 20 }, (_, n) => `text ${n}`));
    expect(emulator.requests).toHaveLength(2);
  });

  it('closes a socket that has been idle, and opens it again for the next text', async () => {
    const { emulator, engine, incidents } = await start({ maxIdleMs: 100 });
    await speak(engine);
    await eventually(() => emulator.connections === 0, { what: 'end of the idle connection' });
    expect(heard(await speak(engine))).toBe(TEXT);
    expect(incidents).toEqual(['reconnected']);
  });

  it('opens a socket again that Cartesia has closed', async () => {
    const { emulator, engine, incidents } = await start({}, { idleMs: 100 });
    await engine.warm();
    await eventually(() => emulator.connections === 0, { what: 'end of the idle connection' });
    expect(heard(await speak(engine))).toBe(TEXT);
    expect(incidents).toEqual(['reconnected']);
  });

  it('gives up a socket on which no answer came', async () => {
    const { emulator, engine, incidents } = await start({ answerTimeoutMs: 200 });
    emulator.inject('silent', 1);
    await engine.warm();
    expect(await codeOf(speak(engine))).toBe('engine_timeout');
    expect(heard(await speak(engine))).toBe(TEXT);
    expect(incidents).toEqual(['reconnected']);
  });

  it('loses no word when connecting takes 1.5 s', async () => {
    const { emulator, engine } = await start();
    emulator.connectDelayMs = 1500;
    expect(heard(await speak(engine))).toBe(TEXT);
  });

  it('does not keep one waiting who aborts while it connects, and keeps the connection', async () => {
    const { emulator, engine } = await start();
    emulator.connectDelayMs = 500;
    const controller = new AbortController();
    const speaking = speak(engine, { signal: controller.signal });
    await eventually(() => emulator.requests.length === 1, { what: 'upgrade' });
    controller.abort();
    expect(await codeOf(deadline(speaking, 300, 'abort'))).toBe('engine_aborted');
    expect(heard(await speak(engine))).toBe(TEXT);
    expect(emulator.requests).toHaveLength(1);
    expect(sent(emulator)).toHaveLength(1);
  });

  it('closes while it connects, and leaves no connection', async () => {
    const { emulator, engine } = await start();
    emulator.inject('timeout');
    const speaking = codeOf(speak(engine));
    await eventually(() => emulator.requests.length === 1, { what: 'upgrade' });
    await deadline(engine.close(), 1000, 'close');
    expect(await speaking).toBe('engine_closed');
    await eventually(() => emulator.connections === 0, { what: 'end of every connection' });
  });
});

describe('texts', () => {
  it('cancels an aborted text, and throws away what still comes of it', async () => {
    const { emulator, engine, incidents } = await start({}, { lateChunks: 3 });
    const controller = new AbortController();
    const speaking = engine.synthesize(request({ signal: controller.signal }))[Symbol.asyncIterator]();
    await speaking.next();
    controller.abort();
    expect(await codeOf(speaking.next())).toBe('engine_aborted');
    const id = sent(emulator)[0]?.['context_id'];
    await eventually(() => sent(emulator).length === 2, { what: 'cancel' });
    expect(sent(emulator)[1]).toEqual({ context_id: id, cancel: true });
    expect(heard(await speak(engine, { text: 'next text' }))).toBe('next text');
    await eventually(() => incidents.length >= 3, { what: 'late chunks' });
    expect(new Set(incidents)).toEqual(new Set(['late']));
    expect(emulator.requests).toHaveLength(1);
  });

  it('cancels a text whose reader has left, and none that is spoken', async () => {
    const { emulator, engine } = await start();
    for await (const { pcm } of engine.synthesize(request())) {
      expect(pcm.length).toBeGreaterThan(0);
      break;
    }
    await eventually(() => sent(emulator).length === 2, { what: 'cancel' });
    await speak(engine, { text: 'yes' });
    expect(sent(emulator).filter((message) => message['cancel'] === true)).toHaveLength(1);
  });

  it('fails one text alone when its context is refused', async () => {
    const settings = cartesiaSettings.parse({ voice: 'here', voices: ['gone'] });
    const { emulator, engine } = await start({ settings }, { voices: ['here'] });
    const [good, bad] = await Promise.all([speak(engine), codeOf(speak(engine, { voice: 'gone' }))]);
    expect(heard(good)).toBe(TEXT);
    expect(bad).toBe('engine_settings');
    expect(heard(await speak(engine))).toBe(TEXT);
    expect(emulator.requests).toHaveLength(1);
  });

  it('says that there are too many contexts', async () => {
    const { engine } = await start({}, { maxContexts: 1 });
    const outcomes = await Promise.all([codeOf(speak(engine)), codeOf(speak(engine))]);
    expect(outcomes.toSorted()).toEqual(['engine_rate_limited', 'resolved']);
  });

  it('puts samples together that chunks cut', async () => {
    const { engine } = await start({}, { chunkBytes: 333 });
    const chunks = await speak(engine);
    expect(heard(chunks)).toBe(TEXT);
    expect(chunks.every(({ pcm }) => pcm.length > 0)).toBe(true);
  });

  it.each([false, true])(
    'gives every word once and in order, with word times after the voice: %s',
    async (lateWords) => {
      const { engine } = await start({}, { lateWords });
      const words = (await speak(engine)).flatMap((chunk) => chunk.words ?? []);
      expect(words.map(({ word }) => word).join(' ')).toBe(TEXT);
      const spoken = readScripted(Int16Array.from((await speak(engine)).flatMap(({ pcm }) => [...pcm]))).words;
      for (const [n, { startMs }] of words.entries())
        expect(startMs).toBeCloseTo((spoken[n]?.startSample ?? 0) / 24, 0);
    },
  );
});
