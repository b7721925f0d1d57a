import type {
  ElevenLabsSpeechToTextSettings,
  ProviderObserver,
  SpeechToText,
  SpeechToTextOptions,
} from '@parley/ports';
import { connectScribe, loadScribe } from './scribe-connection.js';
import { SCRIBE_LANGUAGES } from './scribe-languages.js';
import { scribeSession, SCRIBE_RATES_HZ } from './scribe-session.js';
import { ScribeStream } from './scribe-stream.js';
import { closedError, primaryLanguage, requireKey, serviceUrl, settingsError } from './service.js';

/** What {@link createElevenLabsSpeechToText} is made with. */
export interface ElevenLabsSpeechToTextOptions {
  apiKey: string;
  /** Of the service, http or https, without `/v1`. @defaultValue ElevenLabs' own */
  baseUrl?: string;
  settings: ElevenLabsSpeechToTextSettings;
  observe?: ProviderObserver;
  /** How long a stream may take to open, in ms. @defaultValue 5000 */
  connectTimeoutMs?: number;
  /** How long a flush may take to be answered, in ms. @defaultValue 5000 */
  answerTimeoutMs?: number;
  /** After so long without audio the connection is kept alive, in ms; the provider closes after 15 s. @defaultValue 10000 */
  keepAliveMs?: number;
}

/**
 * Speech to text by ElevenLabs' Scribe realtime, a connection for each stream. Key terms that are longer than 20
 * characters, or beyond 50, are left out.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createElevenLabsSpeechToText(options: ElevenLabsSpeechToTextOptions): SpeechToText {
  const { apiKey, settings, observe = () => undefined } = options;
  const { connectTimeoutMs = 5000, answerTimeoutMs = 5000, keepAliveMs = 10_000 } = options;
  requireKey(apiKey);
  const baseUrl = serviceUrl(options.baseUrl);
  const streams = new Set<ScribeStream>();
  const closing = new AbortController();

  async function open(request: SpeechToTextOptions): Promise<ScribeStream> {
    const { sampleRateHz, language } = request;
    if (closing.signal.aborted) throw closedError();
    if (!SCRIBE_RATES_HZ.includes(sampleRateHz)) throw settingsError(`it does not take ${sampleRateHz} Hz`);
    if (!SCRIBE_LANGUAGES.includes(primaryLanguage(language))) throw settingsError(`it does not know ${language}`);
    const stream: ScribeStream = new ScribeStream({
      sampleRateHz,
      wordTimes: settings.wordTimes,
      answerTimeoutMs,
      keepAliveMs,
      observe,
      onOver: () => streams.delete(stream),
    });
    streams.add(stream);
    const { signal } = closing;
    const session = await scribeSession(settings, request);
    try {
      stream.begin(await connectScribe({ apiKey, baseUrl, timeoutMs: connectTimeoutMs, signal, session }, stream));
    } catch (error) {
      await stream.close();
      throw signal.aborted ? closedError() : error;
    }
    return stream;
  }

  return {
    name: 'elevenlabs',
    capabilities: {
      interim: true,
      endOfTurn: false,
      wordTimes: settings.wordTimes,
      feed: settings.commitStrategy === 'vad' ? 'continuous' : 'speech',
      sampleRatesHz: SCRIBE_RATES_HZ,
      languages: SCRIBE_LANGUAGES,
    },
    async warm() {
      if (closing.signal.aborted) throw closedError();
      await loadScribe();
    },
    open,
    async close() {
      closing.abort();
      await Promise.all([...streams].map((stream) => stream.close()));
    },
  };
}
