import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  deepgramFluxSettings,
  type ProviderIncident,
  type SpeechToText,
  type SpeechToTextOptions,
} from '@parley/ports';
import { EventLog, codeOf, speechToTextConformance } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import { startDeepgramFluxEmulator, type Emulator } from '@parley/testing/emulators';
import { speakScripted } from '@parley/testing/engines';
import { createDeepgramFlux, type DeepgramFluxOptions } from './index.js';

const RATE = 16_000;
const say = (text: string) => speakScripted(text, RATE);
const silence = (ms: number) => new Int16Array((RATE * ms) / 1000);
const endOfTurn = { minSilenceMs: 400, maxSilenceMs: 1500 };

let emulator: Emulator;
const engines: SpeechToText[] = [];
const incidents: ProviderIncident[] = [];

beforeAll(async () => void (emulator = await startDeepgramFluxEmulator({ idleMs: 1500 })));
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  emulator.connectDelayMs = 0;
  emulator.requests.length = 0;
  incidents.length = 0;
});
afterAll(() => emulator.stop());

function create(options: Partial<DeepgramFluxOptions> = {}): SpeechToText {
  const observe = (incident: ProviderIncident) => void incidents.push(incident);
  const engine = createDeepgramFlux({ apiKey: 'key', baseUrl: emulator.url, observe, ...options });
  engines.push(engine);
  return engine;
}

async function open(engine = create(), more: Partial<SpeechToTextOptions> = {}) {
  const stream = await engine.open({ sessionId: 's', sampleRateHz: RATE, language: 'en', ...more });
  return { stream, log: new EventLog(stream, 10_000) };
}

function asked() {
  const { url } = emulator.requests.at(-1)!;
  return { path: url.pathname, query: Object.fromEntries(url.searchParams), url };
}

speechToTextConformance('deepgram-flux', () => createDeepgramFlux({ apiKey: 'key', baseUrl: emulator.wsUrl }), {
  sampleRateHz: RATE,
  language: 'en',
  first: { pcm: say('I would like two large coffees.'), words: ['would', 'large', 'coffees'] },
  second: { pcm: say('When do you close on Sunday?'), words: ['when', 'close', 'sunday'] },
});

describe('Deepgram Flux', () => {
  it('asks for ends of turns as the session wants them', async () => {
    const settings = deepgramFluxSettings.parse({
      eotThreshold: 0.8,
      eagerEotThreshold: 0.5,
      redact: 'numbers',
      tags: ['a'],
    });
    const keyTerms = ['flat white', 'Örtli & Söhne'];
    await open(create({ settings }), { endOfTurn, keyTerms });
    expect(asked().path).toBe('/v2/listen');
    expect(asked().query).toMatchObject({
      model: 'flux-general-en',
      encoding: 'linear16',
      sample_rate: '16000',
      eot_threshold: '0.8',
      eager_eot_threshold: '0.5',
      eot_timeout_ms: '1500',
      redact: 'numbers',
      tag: 'a',
    });
    expect(asked().url.searchParams.getAll('keyterm')).toEqual(keyTerms);
    expect(emulator.requests[0]!.headers.authorization).toBe('Token key');
  });

  it('asks for no ends of turns where others find them', async () => {
    await open(create({ settings: deepgramFluxSettings.parse({ eagerEotThreshold: 0.5 }) }));
    expect(asked().query).toMatchObject({ eot_threshold: '1', eot_timeout_ms: '60000' });
    expect(asked().query).not.toHaveProperty('eager_eot_threshold');
  });

  it.each([
    [200, '500'],
    [90_000, '60000'],
  ])('asks for a longest silence of %d ms as far as there is one', async (maxSilenceMs, timeout) => {
    await open(create(), { endOfTurn: { minSilenceMs: 100, maxSilenceMs } });
    expect(asked().query.eot_timeout_ms).toBe(timeout);
  });

  it('gives the multilingual model the language as a hint, and no model one it does not know', async () => {
    const settings = deepgramFluxSettings.parse({ model: 'flux-general-multi' });
    await open(create({ settings }), { language: 'de-AT' });
    expect(asked().query).toMatchObject({ model: 'flux-general-multi', language_hint: 'de' });
    expect(await codeOf(open(create(), { language: 'de-AT' }))).toBe('engine_settings');
    expect(await codeOf(open(create({ settings }), { language: 'fi' }))).toBe('engine_settings');
  });

  it('refuses an eager threshold above the other', () => {
    expect(deepgramFluxSettings.safeParse({ eotThreshold: 0.5, eagerEotThreshold: 0.6 }).success).toBe(false);
  });

  it('sends frames of 80 ms, and what is left on a flush', async () => {
    const { stream, log } = await open();
    for (let n = 0; n < 10; n++) stream.write(silence(20));
    stream.write(new Int16Array(0));
    stream.flush();
    await log.flushed(1);
    const frames = emulator.requests[0]!.messages.filter(({ isBinary }) => isBinary).map(({ data }) => data.length);
    expect(frames).toEqual([2560, 2560, 1280]);
  });

  it('ends a turn that is complete soon, and any other after the longest silence', async () => {
    const { stream, log } = await open(create(), { endOfTurn });
    stream.write(say('Two large coffees.'));
    stream.write(silence(500));
    await log.until('the first end', () => log.types.includes('end_of_turn'));
    stream.write(say('And then I'));
    stream.write(silence(1000));
    stream.write(say('would like'));
    stream.write(silence(1600));
    await log.until('the second end', () => log.types.filter((type) => type === 'end_of_turn').length === 2);
    expect(log.finals).toEqual(['Two large coffees.', 'And then I would like']);
    const [first, second] = log.events.flatMap((event) =>
      event.type === 'end_of_turn' ? [event.confidence ?? 0] : [],
    );
    expect(first).toBeGreaterThan(second!);
    const ends = log.events.flatMap((event) => (event.type === 'final' ? [event.endMs!] : []));
    expect(ends[0]).toBeGreaterThanOrEqual(720);
    expect(ends[0]).toBeLessThanOrEqual(1220);
  });

  it('goes on with a turn that was probably over, and was not', async () => {
    const settings = deepgramFluxSettings.parse({ eagerEotThreshold: 0.3, eotThreshold: 0.95 });
    const { stream, log } = await open(create({ settings }), { endOfTurn });
    for (const pcm of [say('Two large coffees'), silence(240), say('please.'), silence(1700)]) {
      for (let at = 0; at < pcm.length; at += 1280) {
        stream.write(pcm.subarray(at, at + 1280));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    await log.until('the end', () => log.types.includes('end_of_turn'));
    expect(log.types).toEqual(['final', 'end_of_turn']);
    expect(log.finals).toEqual(['Two large coffees please.']);
    const interims = log.events.flatMap((event) => (event.type === 'interim' ? [event.text] : []));
    expect(interims).toEqual([...new Set(interims)]);
    expect(interims).toContain('Two large coffees');
  });

  it('counts word times from the first word', async () => {
    const { stream, log } = await open();
    stream.write(silence(1000));
    stream.write(say('Two large coffees.'));
    stream.flush();
    await log.flushed(1);
    const final = log.events.find((event) => event.type === 'final');
    expect(final?.words?.map(({ word, startMs }) => [word, Math.round(startMs)])).toEqual([
      ['Two', 0],
      ['large', 240],
      ['coffees.', 480],
    ]);
  });

  it('keeps a session alive in silence', async () => {
    const { stream, log } = await open(create({ keepAliveMs: 400 }));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    stream.write(say('Two large coffees.'));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['Two large coffees.']);
    const final = log.events.find((event) => event.type === 'final');
    expect(final?.endMs).toBeCloseTo(720, -1);
  });

  it('fails when Deepgram hangs up on a session that nothing was sent in', async () => {
    const { log } = await open(create({ keepAliveMs: 60_000 }));
    await log.ended;
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_unavailable', retryable: true } }]);
    expect(emulator.requests).toHaveLength(1);
  });

  it('takes words of any script', async () => {
    const text = 'Crème brûlée für Zoë, 東京タワー 🍰 naïve?';
    const { stream, log } = await open();
    stream.write(say(text));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual([text]);
  });

  it('loses no word to a slow connection', async () => {
    emulator.connectDelayMs = 1500;
    const { stream, log } = await open();
    stream.write(say('Two large coffees.'));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['Two large coffees.']);
  });

  it('opens nothing more when it is closed meanwhile', async () => {
    emulator.connectDelayMs = 1500;
    const engine = create();
    const opening = codeOf(engine.open({ sessionId: 's', sampleRateHz: RATE, language: 'en' }));
    await eventually(() => emulator.requests.length > 0, { what: 'a request' });
    await engine.close();
    expect(await opening).toBe('engine_closed');
    await eventually(() => emulator.connections === 0, { what: 'the end of the connection' });
  });
});
