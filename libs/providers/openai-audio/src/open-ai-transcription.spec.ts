import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { decodeWav } from '@parley/audio';
import { openAiTranscriptionSettings, type SpeechToText, type SpeechToTextOptions } from '@parley/ports';
import { codeOf, EventLog, speechToTextConformance } from '@parley/ports/conformance';
import { createOpenAiTranscription, type OpenAiTranscriptionOptions } from './index.js';
import { deadline, eventually } from '@parley/testing';
import { startOpenAiAudioEmulator, type Emulator, type OpenAiAudioEmulatorOptions } from '@parley/testing/emulators';
import { soundWithoutWords, speakScripted } from '@parley/testing/engines';

const RATE_HZ = 16_000;
const FIRST = speakScripted('two large coffees', RATE_HZ);
const SECOND = speakScripted('and a soda', RATE_HZ);
const cleanUps: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function start(options: Partial<OpenAiTranscriptionOptions> = {}, emulated: OpenAiAudioEmulatorOptions = {}) {
  const emulator = await startOpenAiAudioEmulator(emulated);
  const incidents: string[] = [];
  const observe = (incident: string) => incidents.push(incident);
  const engine = createOpenAiTranscription({ apiKey: 'key', baseUrl: `${emulator.url}/v1`, observe, ...options });
  cleanUps.push(
    () => engine.close(),
    () => emulator.stop(),
  );
  return { emulator, engine, incidents };
}

/** A server that answers every request with this. */
async function serverThat(body: string, contentType: string, options: Partial<OpenAiTranscriptionOptions> = {}) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': contentType }).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createOpenAiTranscription({ apiKey: 'key', baseUrl, ...options });
}

async function open(engine: SpeechToText, more: Partial<SpeechToTextOptions> = {}) {
  const stream = await engine.open({ sessionId: 'session', sampleRateHz: RATE_HZ, language: 'en-US', ...more });
  cleanUps.unshift(() => stream.close());
  return { stream, log: new EventLog(stream, 5000) };
}

/** What comes of one utterance, as type and text. */
async function hear(engine: SpeechToText, pcm = FIRST): Promise<string[]> {
  const { stream, log } = await open(engine);
  stream.write(pcm);
  stream.flush();
  await Promise.race([log.flushed(1), log.ended]);
  return log.events.map((event) =>
    event.type === 'error' ? `error ${event.error.code}` : 'text' in event ? `${event.type} ${event.text}` : event.type,
  );
}

async function form(emulator: Emulator, at = 0): Promise<FormData> {
  const { body, headers } = emulator.requests[at] ?? { body: Buffer.alloc(0), headers: {} };
  const type = headers['content-type'] ?? '';
  return new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
}

async function fields(emulator: Emulator, at = 0): Promise<Record<string, unknown>> {
  return Object.fromEntries([...(await form(emulator, at))].filter(([name]) => name !== 'file'));
}

const streaming = openAiTranscriptionSettings.parse({ stream: true });
const shared = await startOpenAiAudioEmulator();
afterAll(() => shared.stop());
for (const settings of [openAiTranscriptionSettings.parse({}), streaming]) {
  speechToTextConformance(
    settings.stream ? 'OpenAI transcription as a stream' : 'OpenAI transcription',
    () => createOpenAiTranscription({ apiKey: 'key', baseUrl: `${shared.url}/v1`, settings }),
    {
      sampleRateHz: RATE_HZ,
      language: 'en',
      first: { pcm: FIRST, words: ['two', 'large', 'coffees'] },
      second: { pcm: SECOND, words: ['and', 'soda'] },
    },
  );
}

describe('what is sent', () => {
  it('sends each utterance as a WAV file with model, language and key terms, once', async () => {
    const { emulator, engine } = await start();
    const { stream, log } = await open(engine, { keyTerms: ['Parley', 'flat white'] });
    for (let at = 0; at < FIRST.length; at += 320) stream.write(FIRST.subarray(at, at + 320));
    expect(emulator.requests).toEqual([]);
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['two large coffees']);
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.requests[0]?.headers.authorization).toBe('Bearer key');
    expect(await fields(emulator)).toEqual({
      model: 'gpt-4o-mini-transcribe',
      language: 'en',
      prompt: 'Parley, flat white',
      response_format: 'json',
    });
    const file = (await form(emulator)).get('file') as File;
    expect([file.name, file.type]).toEqual(['speech.wav', 'audio/wav']);
    const wav = decodeWav(new Uint8Array(await file.arrayBuffer()));
    expect({ ...wav, samples: [...wav.samples] }).toEqual({ sampleRateHz: RATE_HZ, channels: 1, samples: [...FIRST] });
  });

  it('sends the settings, and asks for a stream where it is to', async () => {
    const { emulator, engine } = await start({
      settings: openAiTranscriptionSettings.parse({
        model: 'gpt-4o-transcribe',
        language: 'de',
        prompt: 'Eine Bestellung.',
        temperature: 0.2,
        stream: true,
      }),
    });
    const { stream, log } = await open(engine, { keyTerms: ['Parley'] });
    stream.write(FIRST);
    stream.flush();
    await log.flushed(1);
    expect(await fields(emulator)).toEqual({
      model: 'gpt-4o-transcribe',
      language: 'de',
      prompt: 'Eine Bestellung. Parley',
      temperature: '0.2',
      response_format: 'json',
      stream: 'true',
    });
  });

  it('leaves the language to the model where there is no code for it', async () => {
    const { emulator, engine } = await start();
    const { stream, log } = await open(engine, { language: 'multi' });
    stream.write(FIRST);
    stream.flush();
    await log.flushed(1);
    expect(await fields(emulator)).not.toHaveProperty('language');
  });

  it('sends nothing for digital silence, and what is too short with silence after it', async () => {
    const { emulator, engine } = await start();
    expect(await hear(engine, new Int16Array(RATE_HZ))).toEqual(['flushed']);
    expect(emulator.requests).toEqual([]);
    expect(await hear(engine, soundWithoutWords(40, RATE_HZ))).toEqual(['flushed']);
    expect(emulator.requests).toHaveLength(1);
  });

  it('cuts an utterance that is too long, and loses nothing of it', async () => {
    const { emulator, engine } = await start({ settings: openAiTranscriptionSettings.parse({ maxUtteranceMs: 1200 }) });
    const { stream, log } = await open(engine);
    // Five words of 240 ms each fill a part.
    stream.write(speakScripted('one two three four five six seven', RATE_HZ));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['one two three four five', 'six seven']);
    expect(log.types).toEqual(['final', 'final', 'flushed']);
    expect(emulator.requests).toHaveLength(2);
  });

  it('refuses settings out of range, a bad address, and no key', async () => {
    for (const wrong of [{ temperature: 2 }, { maxUtteranceMs: 10 }, { keyterms: [] }])
      expect(openAiTranscriptionSettings.safeParse(wrong).success).toBe(false);
    for (const wrong of [{ apiKey: ' ' }, { baseUrl: 'nowhere' }])
      expect(() => createOpenAiTranscription({ apiKey: 'key', ...wrong })).toThrow(expect.objectContaining({ code: 'engine_settings' })); // prettier-ignore
  });
});

describe('what is answered', () => {
  it('gives interim results of a stream, and its last word as the final', async () => {
    const { engine } = await start({ settings: streaming });
    expect(engine.capabilities.interim).toBe(true);
    const heard = await hear(engine);
    expect(heard.slice(-2)).toEqual(['final two large coffees', 'flushed']);
    for (const interim of heard.slice(0, -2)) expect('interim two large coffees').toContain(interim);
  });

  it('takes whole answers of a model that does not stream', async () => {
    const settings = openAiTranscriptionSettings.parse({ model: 'whisper-1', stream: true });
    const { engine } = await start({ settings });
    expect(await hear(engine)).toEqual(['final two large coffees', 'flushed']);
  });

  it('passes over events that it does not know, and ends with the last one', async () => {
    const incidents: string[] = [];
    const events = [
      { type: 'transcript.text.segment', text: 'ja', from: 'the future' },
      { type: 'transcript.text.delta', delta: ' Jä' },
      { type: 'transcript.text.done', text: ' Jä, gern. ', usage: {} },
      { type: 'transcript.text.delta', delta: 'too late' },
    ];
    const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    const observe = (incident: string) => incidents.push(incident);
    const engine = await serverThat(body, 'text/event-stream', { settings: streaming, observe });
    expect((await hear(engine)).slice(-2)).toEqual(['final Jä, gern.', 'flushed']);
    expect(incidents).toEqual(['ignored_message']);
  });

  it.each([
    ['{"text":"Ja.","segments":[],"x":1}', 'application/json; charset=utf-8', ['final Ja.', 'flushed']],
    ['{"text":"  "}', 'application/json', ['flushed']],
    ['{"transcript":"Ja."}', 'application/json', ['error engine_protocol']],
    ['<html>', 'text/html', ['error engine_protocol']],
    ['null', 'application/json', ['error engine_protocol']],
  ])('makes of the answer %s (%s) %j', async (body, contentType, expected) => {
    expect(await hear(await serverThat(body, contentType))).toEqual(expected);
  });

  it.each([
    ['insufficient_quota', 'engine_quota'],
    ['rate_limit_exceeded', 'engine_rate_limited'],
    ['server_error', 'engine_unavailable'],
  ])('translates the error %s within a stream to %s', async (code, expected) => {
    const body = `data: ${JSON.stringify({ error: { code, message: 'no' } })}\n\n`;
    const engine = await serverThat(body, 'text/event-stream', { settings: streaming });
    expect(await hear(engine)).toEqual([`error ${expected}`]);
  });

  it('ends the request when it is reset, and answers the flush', async () => {
    const { emulator, engine } = await start();
    emulator.inject('silent', 1);
    const { stream, log } = await open(engine);
    stream.write(FIRST);
    stream.flush();
    await eventually(() => emulator.requests.length === 1, { what: 'request' });
    stream.reset();
    await log.flushed(1);
    await eventually(() => emulator.connections === 0, { what: 'end of the request' });
    stream.write(SECOND);
    stream.flush();
    await log.flushed(2);
    expect(log.types).toEqual(['flushed', 'final', 'flushed']);
    expect(log.finals).toEqual(['and a soda']);
  });

  it('ends the request when it is closed', async () => {
    const { emulator, engine } = await start();
    emulator.inject('silent');
    const { stream, log } = await open(engine);
    stream.write(FIRST);
    stream.flush();
    await eventually(() => emulator.requests.length === 1, { what: 'request' });
    await stream.close();
    await deadline(log.ended, 500, 'end of the events');
    await eventually(() => emulator.connections === 0, { what: 'end of the request' });
    expect(log.events).toEqual([]);
  });

  it('is over after an error, which comes after what was understood before', async () => {
    const { emulator, engine } = await start();
    const { stream, log } = await open(engine);
    stream.write(FIRST);
    stream.flush();
    await log.flushed(1);
    emulator.inject('rate_limited');
    stream.write(SECOND);
    stream.flush();
    await deadline(log.ended, 2000, 'end of the events');
    expect(log.types).toEqual(['final', 'flushed', 'error']);
    expect(await codeOf((async () => stream.write(FIRST))())).toBe('engine_closed');
    expect(emulator.requests).toHaveLength(2);
  });

  it('loses no word when connecting takes 1.5 s', async () => {
    const { emulator, engine } = await start();
    emulator.connectDelayMs = 1500;
    expect(await hear(engine)).toEqual(['final two large coffees', 'flushed']);
  });

  it('gives up when too many utterances wait', async () => {
    const { emulator, engine } = await start();
    emulator.inject('silent');
    const { stream, log } = await open(engine);
    for (let n = 0; n <= 17 && log.types.length === 0; n++) {
      try {
        stream.write(SECOND);
      } catch {
        break;
      }
      stream.flush();
    }
    await deadline(log.ended, 1000, 'end of the events');
    expect(log.events).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: 'engine_busy' }) })]);
  });
});
