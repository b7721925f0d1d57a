import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { assemblyAiSettings } from '@parley/ports';
import { codeOf } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import { WebSocketServer } from 'ws';
import { createAssemblyAi } from './index.js';
import { Emulated, RATE, silence, voice, type EmulatedOptions } from '../spec-support/emulated.js';

let running: Emulated;
async function start(options?: EmulatedOptions): Promise<Emulated> {
  running = await Emulated.start(options);
  return running;
}
afterEach(() => running.stop());

const END_OF_TURN = { minSilenceMs: 300, maxSilenceMs: 1200 };

describe('AssemblyAI on the wire', () => {
  it('opens a session with its key and parameters, those too that the SDK leaves out', async () => {
    await start({ settings: { endOfTurnConfidence: 0, keyTerms: ['rye', 'halloumi'], vadThreshold: 0.5 } });
    await running.open({ keyTerms: ['turkey club', 'rye'], language: 'en-GB' });
    const [request] = running.emulator.requests;
    expect(request?.url.pathname).toBe('/v3/ws');
    expect(request?.headers.authorization).toBe('the-key');
    expect(running.query).toEqual({
      sample_rate: '16000',
      encoding: 'pcm_s16le',
      speech_model: 'universal-streaming-english',
      format_turns: 'false',
      filter_profanity: 'false',
      end_of_turn_confidence_threshold: '0',
      min_turn_silence: '2000',
      max_turn_silence: '2000',
      vad_threshold: '0.5',
      inactivity_timeout: '60',
      keyterms_prompt: '["turkey club","rye","halloumi"]',
    });
  });

  it('opens a session of Universal-3 with what only that takes, and the silences that end turns', async () => {
    const only = { mode: 'min_latency', prompt: 'Orders of sandwiches.', interruptionDelayMs: 0, voiceFocus: 'near-field', voiceFocusThreshold: 0 }; // prettier-ignore
    await start({ settings: { speechModel: 'universal-3-6-pro', furtherLanguages: ['es', 'en'], ...only } });
    await running.open({ endOfTurn: { minSilenceMs: 240.4, maxSilenceMs: 200 } });
    expect(running.query).toMatchObject({
      speech_model: 'universal-3-6-pro',
      min_turn_silence: '240',
      max_turn_silence: '240',
      mode: 'min_latency',
      prompt: 'Orders of sandwiches.',
      interruption_delay: '0',
      voice_focus: 'near-field',
      voice_focus_threshold: '0',
      language_codes: '["en","es"]',
    });
    expect(running.query).not.toHaveProperty('format_turns');
    expect(running.query).not.toHaveProperty('keyterms_prompt');
  });

  it('leaves out key terms that the provider would refuse the session for', async () => {
    await start();
    const many = Array.from({ length: 130 }, (_, n) => `term ${n}`);
    await running.open({ keyTerms: ['x'.repeat(51), ' ', 'ñ'.repeat(50), ...many] });
    const sent = JSON.parse(running.query.keyterms_prompt ?? '') as string[];
    expect(sent).toEqual(['ñ'.repeat(50), ...many.slice(0, 99)]);
  });

  it('keeps the path of a base URL', async () => {
    await start();
    const engine = createAssemblyAi({ apiKey: 'k', baseUrl: `${running.emulator.url}/proxy/`, settings: assemblyAiSettings.parse({}) }); // prettier-ignore
    expect(await codeOf(engine.open({ sessionId: 's1', sampleRateHz: 16_000, language: 'en' }))).toBe('engine_auth');
    expect(running.emulator.requests[0]?.url.pathname).toBe('/proxy/v3/ws');
    await engine.close();
  });

  it('sends frames of 50 ms, and the rest padded to one when it is flushed', async () => {
    await start();
    const { stream, log } = await running.open();
    const said = voice('Two large coffees.');
    for (let at = 0; at < said.length; at += 333) stream.write(said.subarray(at, at + 333));
    stream.flush();
    await log.flushed(1);
    expect(running.frames).toEqual(Array.from({ length: 15 }, () => 50));
    expect(running.texts).toEqual([{ type: 'ForceEndpoint' }]);
    expect(log.finals).toEqual(['two large coffees']);
  });

  it('keeps a session alive in which no audio comes', async () => {
    await start({ settings: { inactivityTimeoutMs: 5000 } });
    const { stream, log } = await running.open();
    await eventually(() => running.texts.length >= 2, { what: 'two signs of life', deadlineMs: 8000 });
    stream.write(voice('still here'));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['still here']);
    expect(running.texts).toEqual([{ type: 'KeepAlive' }, { type: 'KeepAlive' }, { type: 'ForceEndpoint' }]);
  });

  it('compresses no audio, though the provider would take it so', async () => {
    await start();
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0 } });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    let bytes = () => 0;
    let extensions = '';
    server.on('connection', (socket, { socket: connection }) => {
      bytes = () => connection.bytesRead;
      ({ extensions } = socket);
      socket.send('{"type":"Begin","id":"1","expires_at":1}');
    });
    const engine = createAssemblyAi({ apiKey: 'k', baseUrl: `ws://127.0.0.1:${port}`, settings: assemblyAiSettings.parse({}) }); // prettier-ignore
    const stream = await engine.open({ sessionId: 's1', sampleRateHz: RATE, language: 'en' });
    stream.write(silence(1000));
    await eventually(() => bytes() > 2 * RATE, { what: 'all of the audio', deadlineMs: 2000 });
    expect(extensions).toBe('permessage-deflate');
    await engine.close();
    server.close();
  });

  it('tells the provider that the session is over', async () => {
    await start();
    const { stream } = await running.open();
    await stream.close();
    await eventually(() => running.texts.length > 0, { what: 'the end', deadlineMs: 2000 });
    expect(running.texts).toEqual([{ type: 'Terminate' }]);
    await eventually(() => running.emulator.connections === 0, { what: 'end', deadlineMs: 2000 });
  });

  it('loses no word to a slow connection', async () => {
    await start();
    running.emulator.connectDelayMs = 1500;
    const { stream, log } = await running.open();
    stream.write(voice('Two large coffees.'));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['two large coffees']);
  });

  it('prints nothing, whatever the provider warns of', async () => {
    const printed = (['log', 'warn', 'error'] as const).map((name) => jest.spyOn(console, name));
    await start();
    const { stream, log } = await running.open();
    running.say({ type: 'Warning', warning_code: 1, warning: 'the caller said so' });
    stream.flush();
    await log.flushed(1);
    await eventually(() => running.incidents.length > 0, { what: 'warning', deadlineMs: 2000 });
    expect(running.incidents).toEqual(['ignored_message']);
    for (const spy of printed) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});

describe('AssemblyAI settings', () => {
  it.each([
    ['an unknown field', { speech_model: 'x' }],
    ['what another family takes', { mode: 'balanced' }],
    ['what another family takes', { speechModel: 'u3-rt-pro', formatTurns: true }],
    ['languages of an old model', { speechModel: 'u3-rt-pro', furtherLanguages: ['es'] }],
    ['a threshold of nothing', { speechModel: 'universal-3-6-pro', voiceFocusThreshold: 0.5 }],
    ['silences the wrong way round', { minTurnSilenceMs: 900, maxTurnSilenceMs: 800 }],
    ['a part of a second', { inactivityTimeoutMs: 5500 }],
    ['a term that is too long', { keyTerms: ['x'.repeat(51)] }],
  ])('refuse %s', async (_, settings) => {
    await start();
    expect(assemblyAiSettings.safeParse(settings).success).toBe(false);
  });

  it.each([
    ['no key', { apiKey: ' ' }],
    ['the end of a line in the key', { apiKey: 'key\n' }],
    ['no address', { baseUrl: 'streaming.assemblyai.com' }],
    ['an address of something else', { baseUrl: 'ftp://127.0.0.1' }],
  ])('are refused with %s', async (_, more) => {
    await start();
    const make = () => createAssemblyAi({ apiKey: 'k', settings: assemblyAiSettings.parse({}), ...more });
    expect(make).toThrow(expect.objectContaining({ code: 'engine_settings' }));
  });

  it.each([
    ['universal-streaming-english', 'es'],
    ['universal-streaming-multilingual', 'ja'],
    ['universal-3-5-pro', 'ko'],
  ])('%s does not speak %s', async (speechModel, language) => {
    await start({ settings: { speechModel } });
    expect(await codeOf(running.open({ language }))).toBe('engine_settings');
    expect(running.emulator.requests).toEqual([]);
  });
});

describe('AssemblyAI turns', () => {
  it('come word by word, the last word not settled', async () => {
    await start();
    const { stream, log } = await running.open();
    const said = voice('Two large coffees.');
    for (let at = 0; at < said.length; at += 800) {
      stream.write(said.subarray(at, at + 800));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    stream.flush();
    await log.flushed(1);
    expect(log.events.filter(({ type }) => type === 'interim')).toEqual([
      { type: 'interim', text: 'two', stableChars: 0 },
      { type: 'interim', text: 'two large', stableChars: 3 },
      { type: 'interim', text: 'two large coffees', stableChars: 9 },
    ]);
  });

  it('give word times within their utterance, however much silence was put in by flushes', async () => {
    await start();
    const { stream, log } = await running.open();
    for (let n = 1; n <= 4; n++) {
      stream.write(silence(110));
      stream.write(voice('yes please'));
      stream.flush();
      await log.flushed(n);
    }
    const times = log.events.flatMap((event) => (event.type === 'final' ? [event.words] : []));
    expect(times).toHaveLength(4);
    for (const words of times) {
      expect(words).toEqual([
        { word: 'yes', startMs: expect.closeTo(110, 0), endMs: expect.closeTo(310, 0) },
        { word: 'please', startMs: expect.closeTo(350, 0), endMs: expect.closeTo(550, 0) },
      ]);
    }
  });

  it('end by themselves after the silence that was asked for, and tell how far they go', async () => {
    await start();
    const { stream, log } = await running.open({ endOfTurn: END_OF_TURN });
    const said = voice('That is all.');
    stream.write(said);
    stream.write(silence(2000));
    await log.until('end', () => log.types.includes('end_of_turn'));
    const final = log.events.find((event) => event.type === 'final');
    expect(final).toMatchObject({ text: 'that is all', confidence: expect.closeTo(0.98, 5) });
    const spokenMs = said.length / 16 - 40;
    expect(final?.type === 'final' && final.endMs).toBeCloseTo(spokenMs + END_OF_TURN.minSilenceMs, 0);
    expect(log.events.at(-1)).toEqual({ type: 'end_of_turn', confidence: 0.9 });
  });

  it('are formatted where they are asked to be, once each, by a server that says them twice', async () => {
    await start({ settings: { formatTurns: true } });
    const { stream, log } = await running.open({ endOfTurn: END_OF_TURN });
    for (const text of ['two large coffees', 'and one tea']) {
      stream.write(voice(text));
      stream.write(silence(2000));
    }
    await log.until('two ends', () => log.types.length >= 4);
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['Two large coffees.', 'And one tea.']);
    expect(log.types).toEqual(['final', 'end_of_turn', 'final', 'end_of_turn', 'flushed']);
    expect(running.incidents).toEqual([]);
  });

  it('understand what is not English', async () => {
    await start({ settings: { speechModel: 'universal-3-6-pro' } });
    const { stream, log } = await running.open({ language: 'ja' });
    stream.write(voice('お願いします 😀 naïve'));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['お願いします 😀 naïve.']);
    expect(running.query.language_codes).toBe('["ja"]');
  });
});
