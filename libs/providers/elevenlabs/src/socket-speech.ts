import type { ElevenLabsTextToSpeechSettings, EngineError, ProviderObserver, SpeechChunk } from '@parley/ports';
import { abortedError } from './service.js';
import { SpeechPool } from './speech-pool.js';
import { voiceSettingsOf, type Speech, type SpeechTransport } from './speech-request.js';

/** What a transport is made with. */
export interface TransportOptions {
  apiKey: string;
  /** Without a slash at the end. */
  baseUrl: string;
  settings: ElevenLabsTextToSpeechSettings;
  observe: ProviderObserver;
  connectTimeoutMs: number;
  answerTimeoutMs: number;
  keepAliveMs: number;
}

/** Speaks over connections that are kept, with times for the words. */
export class SocketSpeech implements SpeechTransport {
  readonly #pool: SpeechPool;

  constructor(private readonly options: TransportOptions) {
    const { settings, apiKey, connectTimeoutMs, answerTimeoutMs, keepAliveMs, observe } = options;
    this.#pool = new SpeechPool({
      maxConnections: settings.maxConnections,
      keepAliveMs,
      observe,
      connection: { apiKey, voiceSettings: voiceSettingsOf(settings), connectTimeoutMs, answerTimeoutMs, observe },
    });
  }

  async warm(speech: Omit<Speech, 'text'>): Promise<void> {
    const socket = this.#pool.reserve(this.#urlOf(speech), speech.sampleRateHz);
    try {
      await socket.opened;
    } finally {
      socket.release();
    }
  }

  async *speak(speech: Speech, signal: AbortSignal | undefined): AsyncGenerator<SpeechChunk, void, undefined> {
    for (let isAgain = false; ; isAgain = true) {
      const socket = this.#pool.reserve(this.#urlOf(speech), speech.sampleRateHz);
      const wasOpen = socket.isOpen;
      const context = await opened(socket.opened, signal)
        .then(() => socket.speak(speech.text))
        .finally(() => socket.release());
      const abort = () => {
        context.feed.abort(abortedError(signal?.reason));
        context.leave();
      };
      signal?.addEventListener('abort', abort, { once: true });
      // It may have been aborted since the connection was awaited.
      if (signal?.aborted) abort();
      try {
        for await (const chunk of context.feed) yield chunk;
        return;
      } catch (error) {
        // A kept connection may have been closed for its silence just when it was used again.
        const isStale = wasOpen && !context.isTouched && (error as EngineError).code === 'engine_unavailable';
        if (!isStale || isAgain) throw error;
        this.options.observe('retried');
      } finally {
        signal?.removeEventListener('abort', abort);
        context.leave();
      }
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #urlOf({ voice, language, sampleRateHz }: Omit<Speech, 'text'>): URL {
    const { settings, baseUrl } = this.options;
    const base = baseUrl.replace(/^http/, 'ws');
    const url = new URL(`${base}/v1/text-to-speech/${encodeURIComponent(voice)}/multi-stream-input`);
    const query: Record<string, string | number | boolean | undefined> = {
      model_id: settings.model,
      output_format: `pcm_${sampleRateHz}`,
      // Sentences come whole: nothing is to be waited for.
      auto_mode: true,
      sync_alignment: true,
      // The longest there is, in seconds.
      inactivity_timeout: 180,
      language_code: language,
      apply_text_normalization: settings.textNormalization === 'auto' ? undefined : settings.textNormalization,
      seed: settings.seed,
      enable_logging: settings.enableLogging ? undefined : false,
    };
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }
}

/** Waits for a connection, unless the caller aborts. */
async function opened(socket: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return socket;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(abortedError(signal.reason));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([socket, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
