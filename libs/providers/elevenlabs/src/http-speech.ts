import type { TextToSpeechClient } from '@elevenlabs/elevenlabs-js/api/resources/textToSpeech/client/Client.js';
import type { EngineError, SpeechChunk } from '@parley/ports';
import { httpAlignment } from './alignment.js';
import { errorOfAnswer } from './refusals.js';
import { abortedError, closedError, protocolError, timeoutError, unavailableError } from './service.js';
import type { TransportOptions } from './socket-speech.js';
import { readTimes, SpeechAssembly } from './speech-assembly.js';
import { voiceSettingsOf, type Speech, type SpeechTransport } from './speech-request.js';

type Stream = Awaited<ReturnType<TextToSpeechClient['streamWithTimestamps']>>;
type Chunk = Stream extends AsyncIterable<infer Item> ? Item : never;

/** Makes a request for each text, by the provider's client, whose answer streams with times for the words. */
export class HttpSpeech implements SpeechTransport {
  #client: Promise<TextToSpeechClient> | undefined;
  /** How each request under way is stopped. */
  readonly #stops = new Set<(error: EngineError) => void>();

  constructor(private readonly options: TransportOptions) {}

  async warm(): Promise<void> {
    await this.#load();
  }

  async *speak(speech: Speech, signal: AbortSignal | undefined): AsyncGenerator<SpeechChunk, void, undefined> {
    const { answerTimeoutMs, observe } = this.options;
    const client = await this.#load();
    const assembly = new SpeechAssembly(speech.text, speech.sampleRateHz);
    const request = new AbortController();
    let stopped: EngineError | undefined;
    let timer: NodeJS.Timeout | undefined;
    const stop = (error: EngineError) => {
      stopped ??= error;
      request.abort();
    };
    const abort = () => stop(abortedError(signal?.reason));
    const waiting = async <Answer>(answer: PromiseLike<Answer>): Promise<Answer> => {
      timer = setTimeout(() => stop(timeoutError('voice', answerTimeoutMs)), answerTimeoutMs);
      try {
        return await answer;
      } catch (error) {
        throw stopped ?? translated(error);
      } finally {
        clearTimeout(timer);
      }
    };
    this.#stops.add(stop);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      if (stopped) throw stopped as EngineError;
      const answer = await waiting(client.streamWithTimestamps(speech.voice, this.#bodyOf(speech), { abortSignal: request.signal })); // prettier-ignore
      const items = (answer as AsyncIterable<Chunk>)[Symbol.asyncIterator]();
      for (let next = await waiting(items.next()); !next.done; next = await waiting(items.next())) {
        const { audioBase64, alignment } = next.value;
        const chunk = assembly.take(audioBase64, readTimes(httpAlignment, alignment, observe), 'text');
        if (chunk) yield chunk;
        if (stopped) throw stopped as EngineError;
      }
      // The client ends quietly when it is stopped between two lines.
      if (stopped) throw stopped as EngineError;
      const last = assembly.end();
      if (last) yield last;
      if (stopped) throw stopped as EngineError;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#stops.delete(stop);
      request.abort();
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop(closedError());
  }

  #load(): Promise<TextToSpeechClient> {
    this.#client ??= loadClient(this.options);
    return this.#client;
  }

  #bodyOf({ text, language, sampleRateHz }: Speech) {
    const { settings } = this.options;
    const voice = voiceSettingsOf(settings);
    return {
      text,
      modelId: settings.model,
      outputFormat: `pcm_${sampleRateHz}` as 'pcm_16000',
      ...(language !== undefined && { languageCode: language }),
      ...(voice && {
        voiceSettings: {
          stability: voice.stability,
          similarityBoost: voice.similarity_boost,
          style: voice.style,
          speed: voice.speed,
          useSpeakerBoost: voice.use_speaker_boost,
        },
      }),
      ...(settings.textNormalization !== 'auto' && { applyTextNormalization: settings.textNormalization }),
      ...(settings.seed !== undefined && { seed: settings.seed }),
      ...(!settings.enableLogging && { enableLogging: false }),
    };
  }
}

/** Loads the part of the provider's client that speaks, which brings the types of all its parts. */
async function loadClient({ apiKey, baseUrl }: TransportOptions): Promise<TextToSpeechClient> {
  const [{ TextToSpeechClient: Client }, { fetcher }] = await Promise.all([
    import('@elevenlabs/elevenlabs-js/api/resources/textToSpeech/client/Client.js'),
    import('@elevenlabs/elevenlabs-js/core/fetcher/index.js'),
  ]);
  return new Client({
    apiKey,
    baseUrl,
    maxRetries: 0,
    // The client leaves its own timer running when a request fails.
    fetcher: (args) => fetcher({ ...args, timeoutMs: undefined }),
  });
}

function translated(error: unknown): EngineError {
  const { statusCode, body, rawResponse, name } = error as {
    statusCode?: unknown;
    body?: unknown;
    rawResponse?: { headers?: Headers };
    name?: unknown;
  };
  if (typeof statusCode === 'number') {
    return errorOfAnswer({ status: statusCode, headers: rawResponse?.headers, body, cause: error });
  }
  if (name === 'SyntaxError' || name === 'ParseError') return protocolError('a line of the answer is no speech', error);
  return unavailableError('the connection failed', error);
}
