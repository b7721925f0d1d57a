import { afterEach, describe, expect, it } from '@jest/globals';
import {
  elevenLabsSpeechToTextSettings,
  type ProviderIncident,
  type SpeechToText,
  type SpeechToTextOptions,
  type SpeechToTextStream,
} from '@parley/ports';
import { codeOf, EventLog } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import { startElevenLabsEmulator, type ElevenLabsEmulatorOptions, type Emulator } from '@parley/testing/emulators';
import { speakScripted } from '@parley/testing/engines';
import { createElevenLabsSpeechToText, type ElevenLabsSpeechToTextOptions } from './create-speech-to-text.js';

const RATE = 16_000;
const SAID = speakScripted('Two large coffees.', RATE);
const started: { emulator: Emulator; engine: SpeechToText }[] = [];

interface SetUp {
  emulated?: ElevenLabsEmulatorOptions;
  settings?: object;
  engine?: Partial<ElevenLabsSpeechToTextOptions>;
}

async function setUp({ emulated, settings = {}, engine: more }: SetUp = {}) {
  const emulator = await startElevenLabsEmulator({ apiKey: 'key', ...emulated });
  const incidents: ProviderIncident[] = [];
  const engine = createElevenLabsSpeechToText({
    apiKey: 'key',
    baseUrl: emulator.url,
    settings: elevenLabsSpeechToTextSettings.parse(settings),
    observe: (incident) => incidents.push(incident),
    ...more,
  });
  started.push({ emulator, engine });
  const open = async (request: Partial<SpeechToTextOptions> = {}) => {
    const stream = await engine.open({ sessionId: 's', sampleRateHz: RATE, language: 'en-GB', ...request });
    return { stream, log: new EventLog(stream, 8000) };
  };
  return { emulator, engine, incidents, open };
}

function say(stream: SpeechToTextStream, pcm = SAID): void {
  for (let at = 0; at < pcm.length; at += RATE / 50) stream.write(pcm.subarray(at, at + RATE / 50));
}

interface Sent {
  message_type: string;
  audio_base_64: string;
  commit: boolean;
  sample_rate: number;
}

function sentTo(emulator: Emulator): Sent[] {
  return (emulator.requests.at(-1)?.messages ?? []).map(({ data }) => JSON.parse(data.toString()) as Sent);
}

const msOf = ({ audio_base_64: audio }: Sent) => Buffer.from(audio, 'base64').length / 32;

afterEach(async () => {
  for (const { emulator, engine } of started.splice(0)) {
    await engine.close();
    await emulator.stop();
  }
});

describe('ElevenLabs speech to text', () => {
  it('opens a session with its key and what it was told, and leaves the rest to the provider', async () => {
    const { emulator, open } = await setUp({ settings: { keyTerms: ['Parley', 'tea'] } });
    await open({ keyTerms: ['tea', 'ristretto', 'a term that is longer than it may be'] });
    const [request] = emulator.requests;
    expect(request?.headers['xi-api-key']).toBe('key');
    expect(request?.url.pathname).toBe('/v1/speech-to-text/realtime');
    expect([...(request?.url.searchParams ?? [])]).toEqual([
      ['model_id', 'scribe_v2_realtime'],
      ['commit_strategy', 'manual'],
      ['audio_format', 'pcm_16000'],
      ['language_code', 'en'],
      ['include_timestamps', 'true'],
      ['keyterms', 'Parley'],
      ['keyterms', 'tea'],
      ['keyterms', 'ristretto'],
    ]);
  });

  it('passes on what is set', async () => {
    const vad = { commitStrategy: 'vad', vadSilenceMs: 800, vadThreshold: 0.5, minSpeechMs: 60, minSilenceMs: 70 };
    const more = { detectLanguage: true, secondaryLanguages: ['de', 'fr'], noVerbatim: true, enableLogging: false };
    const quiet = { wordTimes: false, filterBackgroundAudio: true };
    const { emulator, open, engine } = await setUp({ settings: { ...vad, ...more, ...quiet } });
    await open({ sampleRateHz: 8000 });
    expect(engine.capabilities).toMatchObject({ feed: 'continuous', wordTimes: false });
    expect([...(emulator.requests[0]?.url.searchParams ?? [])]).toEqual([
      ['model_id', 'scribe_v2_realtime'],
      ['commit_strategy', 'vad'],
      ['audio_format', 'pcm_8000'],
      ['vad_silence_threshold_secs', '0.8'],
      ['vad_threshold', '0.5'],
      ['min_speech_duration_ms', '60'],
      ['min_silence_duration_ms', '70'],
      ['secondary_languages', 'de'],
      ['secondary_languages', 'fr'],
      ['no_verbatim', 'true'],
      ['filter_background_audio', 'true'],
      ['enable_logging', 'false'],
    ]);
  });

  it('sends audio in messages of 100 ms, and what is left with the flush', async () => {
    const { emulator, open } = await setUp();
    const { stream, log } = await open();
    const pcm = SAID.subarray(0, (RATE / 1000) * 450);
    say(stream, pcm);
    stream.flush();
    await log.flushed(1);
    const sent = sentTo(emulator);
    expect(sent.map(msOf)).toEqual([100, 100, 100, 100, 50, 0]);
    expect(sent.map(({ commit }) => commit)).toEqual([false, false, false, false, false, true]);
    expect(new Set(sent.map(({ sample_rate: rate }) => rate))).toEqual(new Set([RATE]));
    const bytes = Buffer.concat(sent.map(({ audio_base_64: audio }) => Buffer.from(audio, 'base64')));
    expect(bytes.equals(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength))).toBe(true);
  });

  it('fills a segment up that is too short to be ended', async () => {
    const { emulator, open } = await setUp();
    const { stream, log } = await open();
    stream.write(SAID.subarray(0, (RATE / 1000) * 210));
    stream.flush();
    await log.flushed(1);
    expect(sentTo(emulator).reduce((sum, sent) => sum + msOf(sent), 0)).toBe(300);
    expect(log.types).toEqual(['final', 'flushed']);
  });

  it.each(['plain_first', 'timed_first'] as const)(
    'gives one final of the two that come %s, with times',
    async (transcripts) => {
      const { open } = await setUp({ emulated: { transcripts } });
      const { stream, log } = await open();
      for (const turn of [1, 2]) {
        stream.write(new Int16Array(RATE / 10));
        say(stream);
        stream.flush();
        await log.flushed(turn);
      }
      expect(log.types).toEqual(['final', 'flushed', 'final', 'flushed']);
      for (const final of log.events.filter(({ type }) => type === 'final')) {
        const word = (text: string, startMs: number) => ({ word: text, startMs: expect.closeTo(startMs), endMs: expect.closeTo(startMs + 200) }); // prettier-ignore
        expect(final).toMatchObject({
          text: 'Two large coffees.',
          confidence: expect.closeTo(Math.exp(-0.1)),
          words: [word('Two', 100), word('large', 340), word('coffees.', 580)],
        });
      }
    },
  );

  it('gives a final without times when they do not come', async () => {
    const { open } = await setUp({ emulated: { transcripts: 'plain_only' } });
    const { stream, log } = await open();
    say(stream);
    stream.flush();
    say(stream, speakScripted('and one tea', RATE));
    stream.flush();
    await log.flushed(2);
    expect(log.types).toEqual(['final', 'flushed', 'final', 'flushed']);
    expect(log.finals).toEqual(['Two large coffees.', 'and one tea']);
  });

  it('gives the final of a segment that the provider ended itself, with where it ends', async () => {
    const { open } = await setUp({ settings: { commitStrategy: 'vad', vadSilenceMs: 300 } });
    const { stream, log } = await open();
    const silence = new Int16Array(RATE);
    for (const text of ['Two large coffees.', 'and one tea']) {
      say(stream, speakScripted(text, RATE));
      say(stream, silence);
      await log.until(`final of ${text}`, () => log.finals.includes(text));
    }
    expect(log.types).toEqual(['final', 'final']);
    expect(log.events.filter(({ type }) => type === 'final')).toMatchObject([
      { endMs: expect.closeTo(680), words: [{ word: 'Two', startMs: 0 }, {}, {}] },
      { endMs: expect.closeTo(720 + 1000 + 680) },
    ]);
    stream.flush();
    await log.flushed(1);
    expect(log.types).toEqual(['final', 'final', 'flushed']);
  });

  it('passes over messages and fields that it does not know, and counts them', async () => {
    const { open, incidents } = await setUp({ emulated: { noise: true } });
    const { stream, log } = await open();
    say(stream);
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['Two large coffees.']);
    expect(incidents).toContain('ignored_message');
  });

  it('keeps the connection alive while nobody speaks', async () => {
    const { emulator, open } = await setUp({ emulated: { secondMs: 20 }, engine: { keepAliveMs: 50 } });
    const { stream, log } = await open();
    await eventually(() => sentTo(emulator).length >= 12, { what: 'messages for longer than it may be silent' });
    expect(new Set(sentTo(emulator).map(({ audio_base_64: audio, commit }) => `${audio}${commit}`))).toEqual(new Set(['false'])); // prettier-ignore
    say(stream);
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['Two large coffees.']);
  });

  it('fails with engine_unavailable when the provider closes', async () => {
    const { open } = await setUp({ emulated: { secondMs: 10 } });
    const { stream, log } = await open();
    await log.ended;
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_unavailable', retryable: true } }]);
    expect(await codeOf((async () => stream.write(SAID))())).toBe('engine_closed');
  });

  it('says nothing of what was written before a reset, although it comes', async () => {
    const { open, incidents } = await setUp();
    const { stream, log } = await open();
    say(stream);
    stream.reset();
    say(stream, speakScripted('and one tea', RATE));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['and one tea']);
    expect(log.events.some((event) => event.type === 'interim' && event.text.includes('Two'))).toBe(false);
    expect(incidents).toContain('late');
  });

  it('keeps letters of every alphabet', async () => {
    const { open } = await setUp();
    const { stream, log } = await open();
    say(stream, speakScripted('Zwei Größen ☕ 你好', RATE));
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['Zwei Größen ☕ 你好']);
  });

  it('loses no word when the provider is slow to open', async () => {
    const { emulator, open } = await setUp();
    emulator.connectDelayMs = 1500;
    const { stream, log } = await open();
    say(stream);
    stream.flush();
    await log.flushed(1);
    expect(log.finals).toEqual(['Two large coffees.']);
  });

  it('fails when the network takes no more audio', async () => {
    const { open } = await setUp();
    const { stream, log } = await open();
    stream.write(new Int16Array(600 * RATE));
    await log.ended;
    expect(log.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'engine_unavailable', retryable: true } });
  });

  it('closes while streams are opened, which then fail with engine_closed', async () => {
    const { emulator, engine, open } = await setUp();
    emulator.connectDelayMs = 200;
    const opening = open();
    opening.catch(() => undefined);
    await eventually(() => emulator.requests.length > 0, { what: 'connection' });
    await engine.close();
    expect(await codeOf(opening)).toBe('engine_closed');
    await eventually(() => emulator.connections === 0, { what: 'end of the connection' });
  });

  it('keeps what the provider said out of its message', async () => {
    const { emulator, open } = await setUp({ emulated: { apiKey: 'another' } });
    const thrown: unknown = await open().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'engine_auth', message: 'ElevenLabs: the key was refused' });
    expect(emulator.requests).toHaveLength(1);
  });

  it.each([
    [{ sampleRateHz: 11_025 }, 'engine_settings'],
    [{ language: 'tlh' }, 'engine_settings'],
  ])('refuses %j', async (request, code) => {
    const { emulator, open } = await setUp();
    expect(await codeOf(open(request))).toBe(code);
    expect(emulator.requests).toHaveLength(0);
  });

  it.each([[{ apiKey: ' ' }], [{ baseUrl: 'ftp://host' }]])('refuses to be made with %j', (more) => {
    const settings = elevenLabsSpeechToTextSettings.parse({});
    expect(() => createElevenLabsSpeechToText({ apiKey: 'key', settings, ...more })).toThrow(
      expect.objectContaining({ code: 'engine_settings' }),
    );
  });

  it.each([
    { vadSilenceMs: 100 },
    { keyTerms: ['a term that is longer than it may be'] },
    { filterBackgroundAudio: true },
    { unknown: 1 },
  ])('does not take the settings %j', (settings) => {
    expect(elevenLabsSpeechToTextSettings.safeParse(settings).success).toBe(false);
  });
});
