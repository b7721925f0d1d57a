import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { deepgramSettings, type ProviderIncident, type SpeechToText, type SpeechToTextOptions } from '@parley/ports';
import { EventLog, codeOf, speechToTextConformance } from '@parley/ports/conformance';
import { deadline, eventually } from '@parley/testing';
import { startDeepgramEmulator, type Emulator } from '@parley/testing/emulators';
import { speakScripted } from '@parley/testing/engines';
import { createDeepgram, type DeepgramOptions } from './index.js';

const RATE = 16_000;
const say = (text: string) => speakScripted(text, RATE);
const silence = (ms: number) => new Int16Array((RATE * ms) / 1000);

let emulator: Emulator;
const engines: SpeechToText[] = [];
const incidents: ProviderIncident[] = [];

beforeAll(async () => void (emulator = await startDeepgramEmulator({ idleMs: 1500 })));
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  emulator.heal();
  emulator.connectDelayMs = 0;
  emulator.requests.length = 0;
  incidents.length = 0;
});
afterAll(() => emulator.stop());

function create(options: Partial<DeepgramOptions> = {}): SpeechToText {
  const observe = (incident: ProviderIncident) => void incidents.push(incident);
  const engine = createDeepgram({ apiKey: 'key', baseUrl: emulator.wsUrl, observe, ...options });
  engines.push(engine);
  return engine;
}

async function open(engine = create(), more: Partial<SpeechToTextOptions> = {}) {
  const stream = await engine.open({ sessionId: 's', sampleRateHz: RATE, language: 'en', ...more });
  return { stream, log: new EventLog(stream, 10_000) };
}

/** What the client said on its newest socket. */
function sent() {
  const messages = emulator.requests.at(-1)?.messages ?? [];
  return {
    frames: messages.filter(({ isBinary }) => isBinary).map(({ data }) => data.length),
    types: messages.flatMap(({ data, isBinary }) =>
      isBinary ? [] : [(JSON.parse(String(data)) as { type: string }).type],
    ),
  };
}

speechToTextConformance('deepgram', () => createDeepgram({ apiKey: 'key', baseUrl: emulator.wsUrl }), {
  sampleRateHz: RATE,
  language: 'en',
  first: { pcm: say('I would like two large coffees.'), words: ['would', 'large', 'coffees'] },
  second: { pcm: say('When do you close on Sunday?'), words: ['when', 'close', 'sunday'] },
});

describe('Deepgram', () => {
  it('asks for what its settings and the session say', async () => {
    const settings = deepgramSettings.parse({
      endpointingMs: 250,
      redact: ['pci', 'ssn'],
      tags: ['a', 'b'],
      mipOptOut: true,
    });
    const keyTerms = ['flat white', 'Örtli & Söhne'];
    await open(create({ settings }), { keyTerms, language: 'en-GB' });
    const { url, headers } = emulator.requests[0]!;
    expect(url.pathname).toBe('/v1/listen');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      model: 'nova-3',
      language: 'en-GB',
      encoding: 'linear16',
      sample_rate: '16000',
      interim_results: 'true',
      endpointing: '250',
      utterance_end_ms: '1000',
      punctuate: 'true',
      mip_opt_out: 'true',
    });
    expect(url.searchParams.getAll('keyterm')).toEqual(keyTerms);
    expect(url.searchParams.getAll('redact')).toEqual(['pci', 'ssn']);
    expect(url.searchParams.getAll('tag')).toEqual(['a', 'b']);
    for (const absent of ['keywords', 'smart_format', 'numerals']) expect(url.searchParams.has(absent)).toBe(false);
    expect(headers.authorization).toBe('Token key');
  });

  it('tells older models key terms as they take them', async () => {
    await open(create({ settings: deepgramSettings.parse({ model: 'nova-2-phonecall' }) }), { keyTerms: ['latte'] });
    expect(emulator.requests[0]!.url.searchParams.getAll('keywords')).toEqual(['latte']);
    expect(emulator.requests[0]!.url.searchParams.has('keyterm')).toBe(false);
  });

  it('sends frames of 50 ms, what is left on a flush, and never an empty one', async () => {
    const { stream, log } = await open();
    for (let n = 0; n < 6; n++) stream.write(silence(20));
    stream.write(new Int16Array(0));
    stream.flush();
    stream.flush();
    await log.flushed(2);
    expect(sent().frames).toEqual([1600, 1600, 640]);
    await stream.close();
    await eventually(() => sent().types.includes('CloseStream'), { what: 'the end of the stream' });
  });

  it('joins the parts of long speech to one final, and tells what of it is stable before', async () => {
    const words = Array.from({ length: 25 }, (_, n) => `word${n}`).join(' ');
    const { stream, log } = await open();
    const pcm = say(words);
    for (let at = 0; at < pcm.length; at += 1600) {
      stream.write(pcm.subarray(at, at + 1600));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['final', 'flushed']);
    expect(log.finals).toEqual([words]);
    const stable = log.events.flatMap((event) => (event.type === 'interim' ? [event.stableChars ?? 0] : []));
    expect(Math.max(...stable)).toBeGreaterThan(50);
    const final = log.events.find((event) => event.type === 'final');
    expect(final?.words?.map(({ word }) => word).join(' ')).toBe(words);
    expect(final?.words?.at(-1)?.startMs).toBeCloseTo(24 * 240, -2);
  });

  it('gives a final where speech pauses, which a later flush does not repeat', async () => {
    const { stream, log } = await open();
    stream.write(silence(500));
    stream.write(say('Two large coffees.'));
    stream.write(silence(600));
    await log.until('a final', () => log.finals.length > 0);
    stream.flush();
    await log.flushed(1);
    const final = log.events.find((event) => event.type === 'final');
    expect(log.types).toEqual(['final', 'flushed']);
    expect(final).toMatchObject({ text: 'Two large coffees.', endMs: expect.any(Number) });
    expect(final?.endMs).toBeGreaterThan(500 + 720 - 50);
    expect(final?.endMs).toBeLessThan(500 + 720 + 600);
    expect(final?.words?.[0]).toMatchObject({ word: 'Two', startMs: 0 });
  });

  it('gives a final where words are far apart though it is not silent', async () => {
    const { stream, log } = await open(create({ settings: deepgramSettings.parse({ endpointingMs: 5000 }) }));
    stream.write(say('Two large coffees.'));
    stream.write(silence(4000));
    await log.until('a final', () => log.finals.length > 0);
    expect(log.finals).toEqual(['Two large coffees.']);
  });

  it('answers a flush that Deepgram leaves unanswered, because there is little to finalize', async () => {
    const { stream, log } = await open();
    stream.write(say('Two large coffees.'));
    stream.flush();
    stream.write(silence(60));
    stream.flush();
    await log.flushed(2);
    expect(log.types).toEqual(['final', 'flushed', 'flushed']);
    expect(sent().types).toEqual(['Finalize', 'Finalize']);
  });

  it('keeps a session alive in silence, from before its first word on, and counts no silence of its own', async () => {
    const { stream, log } = await open(create({ keepAliveMs: 400 }));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    stream.write(say('Two large coffees.'));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['Two large coffees.']);
    const final = log.events.find((event) => event.type === 'final');
    expect(final?.endMs).toBeCloseTo(720, -1);
    expect(sent().frames[0]).toBe(3200);
    expect(sent().types.filter((type) => type === 'KeepAlive').length).toBeGreaterThan(5);
  }, 15_000);

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
    emulator.connectDelayMs = 3000;
    const engine = create();
    const opening = codeOf(engine.open({ sessionId: 's', sampleRateHz: RATE, language: 'en' }));
    await eventually(() => emulator.requests.length > 0, { what: 'a request' });
    await engine.close();
    expect(await deadline(opening, 1500, 'end of the opening')).toBe('engine_closed');
    await eventually(() => emulator.connections === 0, { what: 'the end of the connection' });
  });

  it.each([
    [{ model: 'flux-general-en' }, 'engine_settings'],
    [{ model: 'nova-3' }, 'resolved'],
  ])('answers settings %j that Deepgram judges with %s', async (settings, code) => {
    expect(await codeOf(open(create({ settings: deepgramSettings.parse(settings) })))).toBe(code);
  });

  it.each([[{ apiKey: ' ' }], [{ baseUrl: 'not a url' }], [{ baseUrl: 'ftp://host' }]])(
    'refuses options %j',
    (options) => {
      expect(() => create(options)).toThrow(expect.objectContaining({ code: 'engine_settings' }));
    },
  );

  it('quotes nothing of what Deepgram writes, and prints nothing', async () => {
    const printed = [jest.spyOn(console, 'error'), jest.spyOn(console, 'log'), jest.spyOn(console, 'warn')];
    emulator.inject('auth', 1);
    const refused: unknown = await open().catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'engine_auth', message: expect.not.stringContaining('credentials') });
    emulator.inject('malformed', 1);
    const { stream, log } = await open();
    stream.write(say('Two large coffees.'));
    await log.ended;
    expect(log.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'engine_protocol' } });
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  });
});
