import type {
  ElevenLabsTextToSpeechSettings,
  EngineError,
  ProviderObserver,
  SpeechChunk,
  SynthesisRequest,
  TextToSpeech,
} from '@parley/ports';
import { HttpSpeech } from './http-speech.js';
import { abortedError, closedError, requireKey, serviceUrl } from './service.js';
import { SocketSpeech } from './socket-speech.js';
import { languageFor, languagesOf, ratesOf, speechOf, voicesOf } from './speech-request.js';
import { MAX_CONTEXTS } from './speech-socket.js';

/** What {@link createElevenLabsTextToSpeech} is made with. */
export interface ElevenLabsTextToSpeechOptions {
  apiKey: string;
  /** Of the service, http or https, without `/v1`. @defaultValue ElevenLabs' own */
  baseUrl?: string;
  settings: ElevenLabsTextToSpeechSettings;
  observe?: ProviderObserver;
  /** How long a connection may take to open, in ms; over http it is a part of the wait for the voice. @defaultValue 5000 */
  connectTimeoutMs?: number;
  /** How long the first of the voice, and each next, may take, in ms. @defaultValue 5000 */
  answerTimeoutMs?: number;
  /** How often idle connections are kept alive, in ms; the provider closes after 180 s. @defaultValue 60000 */
  keepAliveMs?: number;
}

/**
 * Text to speech by ElevenLabs, with times for the words: over connections that are kept, or a request for each text.
 * A voice that is not of its account fails with `engine_settings`.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createElevenLabsTextToSpeech(options: ElevenLabsTextToSpeechOptions): TextToSpeech {
  const { apiKey, settings, observe = () => undefined } = options;
  const { connectTimeoutMs = 5000, answerTimeoutMs = 5000, keepAliveMs = 60_000 } = options;
  requireKey(apiKey);
  const baseUrl = serviceUrl(options.baseUrl);
  const isSocket = settings.transport === 'websocket';
  const Transport = isSocket ? SocketSpeech : HttpSpeech;
  const transport = new Transport({ apiKey, baseUrl, settings, observe, connectTimeoutMs, answerTimeoutMs, keepAliveMs }); // prettier-ignore
  const sampleRatesHz = ratesOf(settings);
  const languages = languagesOf(settings.model);
  let closed = false;

  async function* synthesize(request: SynthesisRequest): AsyncGenerator<SpeechChunk, void, undefined> {
    const { signal } = request;
    if (closed) throw closedError();
    if (signal?.aborted) throw abortedError(signal.reason);
    const speech = speechOf(request, settings);
    if (speech) yield* transport.speak(speech, signal);
  }

  return {
    name: 'elevenlabs',
    capabilities: {
      streaming: true,
      alignment: true,
      sampleRatesHz,
      voices: voicesOf(settings),
      languages,
      ...(isSocket && { maxContexts: MAX_CONTEXTS }),
    },
    async warm() {
      if (closed) throw closedError();
      const [sampleRateHz = 16_000] = sampleRatesHz;
      const language = languageFor(settings.model, settings.language ?? languages[0] ?? 'en');
      try {
        await transport.warm({ voice: settings.voice, language, sampleRateHz });
      } catch (error) {
        // A provider that is away for a moment does not keep anybody from starting: the first text tries again.
        if (!(error as EngineError).retryable) throw error;
      }
    },
    synthesize,
    async close() {
      closed = true;
      await transport.close();
    },
  };
}
