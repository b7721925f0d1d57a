import { randomUUID } from 'node:crypto';
import {
  cartesiaSettings,
  EngineError,
  type CartesiaSettings,
  type ProviderObserver,
  type SpeechChunk,
  type SynthesisRequest,
  type TextToSpeech,
} from '@parley/ports';
import { assertApiKey, httpBase } from '@parley/provider-kit';
import { ConnectionPool } from './connection-pool.js';
import { openConnection } from './open-connection.js';
import { LANGUAGES, SAMPLE_RATES_HZ, speechRequest } from './speech-request.js';
import { SpokenText } from './spoken-text.js';

/** Settings of {@link createCartesia}. */
export interface CartesiaOptions {
  apiKey: string;
  /** @defaultValue `https://api.cartesia.ai` */
  baseUrl?: string;
  settings?: CartesiaSettings;
  observe?: ProviderObserver;
  /** How long a connection may take to open, in ms. @defaultValue 5000 */
  connectTimeoutMs?: number;
  /** Longest wait for the first voice of a text, and for each next, in ms. @defaultValue 5000 */
  answerTimeoutMs?: number;
  /** A connection that has spoken nothing for so long is closed, in ms; by Cartesia after 300000. @defaultValue 240000 */
  maxIdleMs?: number;
}

/**
 * Cartesia's text to speech over its WebSocket. Texts share connections, each in a context of its own; PCM16 mono in the
 * rate that is asked for, with word times. An aborted text is cancelled there, and what still comes of it thrown away.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createCartesia(options: CartesiaOptions): TextToSpeech {
  const { settings = cartesiaSettings.parse({}), connectTimeoutMs = 5000, answerTimeoutMs = 5000 } = options;
  const { apiKey, observe = () => undefined, maxIdleMs = 240_000 } = options;
  assertApiKey('Cartesia', apiKey);
  const baseUrl = httpBase('Cartesia', options.baseUrl ?? 'https://api.cartesia.ai');
  const open = (signal: AbortSignal) => openConnection({ apiKey, baseUrl, timeoutMs: connectTimeoutMs, signal });
  const pool = new ConnectionPool({ open, observe, maxIdleMs });

  async function* synthesize(request: SynthesisRequest): AsyncGenerator<SpeechChunk, void, undefined> {
    const { signal } = request;
    if (signal?.aborted) throw abortedError(signal);
    const wanted = speechRequest(request, settings, randomUUID());
    if (!wanted) return;
    const text = new SpokenText(request.sampleRateHz, answerTimeoutMs);
    const abort = () => text.fail(abortedError(signal));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await unlessAborted(pool.speak(wanted, text), signal);
      for await (const chunk of text) yield chunk;
      if (signal?.aborted) throw abortedError(signal);
    } finally {
      signal?.removeEventListener('abort', abort);
      pool.drop(wanted.context_id);
    }
  }

  return {
    name: 'cartesia',
    capabilities: {
      streaming: true,
      alignment: true,
      sampleRatesHz: SAMPLE_RATES_HZ,
      voices: [...new Set([settings.voice, ...settings.voices])],
      languages: LANGUAGES,
    },
    warm: () => pool.warm(),
    synthesize,
    close: () => pool.close(),
  };
}

/** Whoever has aborted does not wait for a connection; it is for the next text then. */
async function unlessAborted(beginning: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return beginning;
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortedError(signal));
    signal.addEventListener('abort', abort, { once: true });
    void beginning.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function abortedError(signal: AbortSignal | undefined): EngineError {
  return new EngineError('engine_aborted', 'Cartesia: the synthesis was aborted', false, { cause: signal?.reason });
}
