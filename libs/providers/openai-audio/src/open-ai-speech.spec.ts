import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { openAiSpeechSettings, type SpeechChunk, type SynthesisRequest, type TextToSpeech } from '@parley/ports';
import { codeOf, textToSpeechConformance } from '@parley/ports/conformance';
import { createOpenAiSpeech, type OpenAiSpeechOptions } from './index.js';
import { deadline, eventually } from '@parley/testing';
import {
  startOpenAiAudioEmulator,
  type Emulator,
  type OpenAiAudioEmulatorOptions,
  type RecordedRequest,
} from '@parley/testing/emulators';
import { readScripted } from '@parley/testing/engines';

const TEXT = 'I would like two turkey clubs and a soda please.';
const cleanUps: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function start(options: Partial<OpenAiSpeechOptions> = {}, emulated: OpenAiAudioEmulatorOptions = {}) {
  const emulator = await startOpenAiAudioEmulator(emulated);
  const engine = createOpenAiSpeech({ apiKey: 'key', baseUrl: `${emulator.url}/v1/`, ...options });
  cleanUps.push(
    () => engine.close(),
    () => emulator.stop(),
  );
  return { emulator, engine };
}

/** A server that answers every request in the same way. */
async function serverThat(answers: (response: ServerResponse) => void): Promise<TextToSpeech> {
  const server = createServer((request, response) => void request.resume().on('end', () => answers(response)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return createOpenAiSpeech({ apiKey: 'key', baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function request(more: Partial<SynthesisRequest> = {}): SynthesisRequest {
  return { sessionId: 'session', text: TEXT, language: 'en', sampleRateHz: 24_000, ...more };
}

async function speak(engine: TextToSpeech, more: Partial<SynthesisRequest> = {}): Promise<SpeechChunk[]> {
  const chunks: SpeechChunk[] = [];
  for await (const chunk of engine.synthesize(request(more))) chunks.push(chunk);
  return chunks;
}

function heard(chunks: readonly SpeechChunk[]): string {
  return readScripted(Int16Array.from(chunks.flatMap(({ pcm }) => [...pcm]))).text;
}

function sent(emulator: Emulator, at = 0): unknown {
  return JSON.parse(emulator.requests[at]?.body.toString() ?? 'null');
}

const shared = await startOpenAiAudioEmulator();
afterAll(() => shared.stop());
textToSpeechConformance('OpenAI speech', () => createOpenAiSpeech({ apiKey: 'key', baseUrl: `${shared.url}/v1` }));

describe('what is sent', () => {
  it('asks for raw PCM with the key, once', async () => {
    const { emulator, engine } = await start();
    expect(heard(await speak(engine))).toBe(TEXT);
    expect(emulator.requests).toHaveLength(1);
    const { method, url, headers } = emulator.requests[0] as RecordedRequest;
    expect([method, url.pathname, headers.authorization]).toEqual(['POST', '/v1/audio/speech', 'Bearer key']);
    expect(headers).not.toHaveProperty('openai-organization');
    expect(sent(emulator)).toEqual({ input: TEXT, model: 'gpt-4o-mini-tts', voice: 'alloy', response_format: 'pcm' });
  });

  it('sends the settings, and the voice that is asked for', async () => {
    const settings = openAiSpeechSettings.parse({
      model: 'tts-1',
      voice: 'nova',
      voices: ['onyx'],
      instructions: 'Speak calmly.',
      speed: 1.5,
    });
    const { emulator, engine } = await start({ settings });
    await speak(engine, { voice: 'onyx' });
    const how = { instructions: 'Speak calmly.', speed: 1.5, response_format: 'pcm' };
    expect(sent(emulator)).toEqual({ input: TEXT, model: 'tts-1', voice: 'onyx', ...how });
    expect(openAiSpeechSettings.safeParse({ speed: 5 }).success).toBe(false);
    expect(openAiSpeechSettings.safeParse({ pitch: 5 }).success).toBe(false);
  });

  it('leaves out what cannot be spoken, and asks for nothing where nothing is left', async () => {
    const { emulator, engine } = await start();
    expect(await speak(engine, { text: ' — … ☕' })).toEqual([]);
    expect(emulator.requests).toEqual([]);
    expect(heard(await speak(engine, { text: 'naïve\u0000 Café \ud83d 你好' }))).toBe('naïve Café 你好');
  });

  it('refuses a text that is too long, a bad address, and no key', async () => {
    const { emulator, engine } = await start();
    expect(await codeOf(speak(engine, { text: 'a'.repeat(4097) }))).toBe('engine_input');
    expect(emulator.requests).toEqual([]);
    for (const wrong of [{ apiKey: ' ' }, { baseUrl: 'nowhere' }])
      expect(() => createOpenAiSpeech({ apiKey: 'key', ...wrong })).toThrow(expect.objectContaining({ code: 'engine_settings' })); // prettier-ignore
  });

  it('speaks in the rate of the server that it is told', async () => {
    const { engine } = await start({ settings: openAiSpeechSettings.parse({ sampleRateHz: 22_050 }) });
    expect(engine.capabilities.sampleRatesHz).toEqual([22_050]);
    expect(await codeOf(speak(engine))).toBe('engine_settings');
  });
});

describe('what is answered', () => {
  it('puts samples together that parts of the answer cut', async () => {
    const { engine } = await start({}, { chunkBytes: 333 });
    const chunks = await speak(engine);
    expect(heard(chunks)).toBe(TEXT);
    expect(chunks.every(({ pcm }) => pcm.length > 0)).toBe(true);
  });

  it('gives the first voice before the answer is complete', async () => {
    const { emulator, engine } = await start();
    for await (const { pcm } of engine.synthesize(request())) {
      expect(pcm.length).toBeGreaterThan(0);
      break;
    }
    await eventually(() => emulator.connections === 0, { what: 'end of a request that nobody reads' });
  });

  it('ends the request when it is aborted, while it waits and while it speaks', async () => {
    const { emulator, engine } = await start();
    for (const isSpeaking of [false, true]) {
      const controller = new AbortController();
      const speaking = engine.synthesize(request({ signal: controller.signal }))[Symbol.asyncIterator]();
      if (isSpeaking) await speaking.next();
      else emulator.connectDelayMs = 1000;
      const next = codeOf(speaking.next());
      if (!isSpeaking) await eventually(() => emulator.requests.length === 1, { what: 'request' });
      controller.abort();
      expect(await deadline(next, 500, 'abort')).toBe('engine_aborted');
      emulator.connectDelayMs = 0;
      await eventually(() => emulator.connections === 0, { what: 'end of an aborted request' });
    }
  });

  it('ends what it speaks when it closes', async () => {
    const { emulator, engine } = await start();
    emulator.inject('silent');
    const speaking = codeOf(speak(engine));
    await eventually(() => emulator.requests.length === 1, { what: 'request' });
    await engine.close();
    expect(await deadline(speaking, 500, 'end')).toBe('engine_closed');
  });

  it('does not count the time that the reader takes', async () => {
    const { engine } = await start({ answerTimeoutMs: 500 });
    const chunks: SpeechChunk[] = [];
    for await (const chunk of engine.synthesize(request())) {
      if (chunks.length === 1) await new Promise((resolve) => setTimeout(resolve, 800));
      chunks.push(chunk);
    }
    expect(heard(chunks)).toBe(TEXT);
  });

  it('loses no word when connecting takes 1.5 s', async () => {
    const { emulator, engine } = await start();
    emulator.connectDelayMs = 1500;
    expect(heard(await speak(engine))).toBe(TEXT);
  });

  it('does not try again, though it is told to', async () => {
    const { emulator, engine } = await start();
    emulator.inject('rate_limited');
    expect(await codeOf(speak(engine))).toBe('engine_rate_limited');
    expect(emulator.requests).toHaveLength(1);
  });

  it('says of a model that there is none', async () => {
    const { engine } = await start({ settings: openAiSpeechSettings.parse({ model: 'no-such-model' }) });
    expect(await codeOf(speak(engine))).toBe('engine_settings');
  });

  it.each([
    ['JSON', (response: ServerResponse) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')],
    ['an MP3', (response: ServerResponse) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('ID3.')],
    ['nothing', (response: ServerResponse) => response.writeHead(200, { 'content-type': 'audio/pcm' }).end()],
  ])('says that %s is no voice', async (_, answers) => {
    expect(await codeOf(speak(await serverThat(answers)))).toBe('engine_protocol');
  });

  it('takes a server for unavailable that ends an answer short of its length', async () => {
    const engine = await serverThat((response) => {
      response.writeHead(200, { 'content-type': 'audio/pcm', 'content-length': 1000 }).write(Buffer.alloc(500, 1));
      setTimeout(() => response.destroy(), 50);
    });
    expect(await codeOf(speak(engine))).toBe('engine_unavailable');
  });
});
