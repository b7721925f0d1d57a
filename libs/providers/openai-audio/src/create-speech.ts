import { PcmByteStream } from '@parley/audio';
import {
  EngineError,
  openAiSpeechSettings,
  type OpenAiSpeechSettings,
  type ProviderObserver,
  type SpeechChunk,
  type SynthesisRequest,
  type TextToSpeech,
} from '@parley/ports';
import { apiErrorOf } from './api-error.js';
import { LANGUAGES } from './languages.js';
import { openAiClient, type OpenAiAccount } from './open-ai-client.js';
import { RequestWatch } from './request-watch.js';

/** Settings of {@link createOpenAiSpeech}. */
export interface OpenAiSpeechOptions extends OpenAiAccount {
  settings?: OpenAiSpeechSettings;
  observe?: ProviderObserver;
}

/** OpenAI takes no more in one request. */
const MAX_TEXT_CHARS = 4096;

/**
 * Text to speech of OpenAI, or of a server like it: a request for each text, answered with PCM16 mono as it is made. The
 * language is the text's. An answer that ends early on a whole sample cannot be told from one that is complete.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createOpenAiSpeech(options: OpenAiSpeechOptions): TextToSpeech {
  const { settings = openAiSpeechSettings.parse({}) } = options;
  const { client, beginTimeoutMs, partTimeoutMs } = openAiClient(options);
  const voices = [...new Set([settings.voice, ...settings.voices])];
  const speaking = new Set<RequestWatch>();
  let closed = false;

  async function* synthesize(request: SynthesisRequest): AsyncGenerator<SpeechChunk, void, undefined> {
    if (closed) throw closedError();
    check(request, voices, settings.sampleRateHz);
    const watch = new RequestWatch(request.signal);
    speaking.add(watch);
    try {
      if (watch.error) throw watch.error;
      const input = sayable(request.text);
      if (!/[\p{L}\p{N}]/u.test(input)) return;
      watch.expect(beginTimeoutMs);
      const { model, voice, instructions, speed } = settings;
      const response = await client.audio.speech.create(
        { input, model, voice: request.voice ?? voice, instructions, speed, response_format: 'pcm' },
        { signal: watch.signal },
      );
      yield* voiceOf(response, watch, partTimeoutMs);
      if (watch.error) throw watch.error;
    } catch (thrown) {
      throw watch.error ?? apiErrorOf(thrown);
    } finally {
      watch.end();
      speaking.delete(watch);
    }
  }

  return {
    name: 'openai-speech',
    capabilities: {
      streaming: true,
      alignment: false,
      sampleRatesHz: [settings.sampleRateHz],
      voices,
      languages: LANGUAGES,
    },
    warm: () => (closed ? Promise.reject(closedError()) : Promise.resolve()),
    synthesize,
    close: async () => {
      closed = true;
      for (const watch of speaking) watch.end(closedError());
    },
  };
}

/** Whole samples as they come; time that the reader takes is not the server's. */
async function* voiceOf(
  response: Response,
  watch: RequestWatch,
  partTimeoutMs: number,
): AsyncGenerator<SpeechChunk, void, undefined> {
  requirePcm(response.headers.get('content-type') ?? '');
  const samples = new PcmByteStream();
  let isSilent = true;
  for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    if (watch.error) throw watch.error;
    watch.rest();
    const pcm = samples.push(bytes);
    if (pcm.length > 0) {
      isSilent = false;
      yield { pcm };
    }
    watch.expect(partTimeoutMs);
  }
  samples.end();
  if (isSilent) throw new EngineError('engine_protocol', 'OpenAI: there is no voice', true);
}

/** Servers like OpenAI's may not make PCM, or tell of an error in a good answer. */
function requirePcm(contentType: string): void {
  if (/json|text|mpeg|mp3|wav|ogg|opus|aac|flac/i.test(contentType))
    throw new EngineError('engine_protocol', 'OpenAI: the answer is no PCM', true);
}

function check({ voice, text, sampleRateHz }: SynthesisRequest, voices: readonly string[], madeRateHz: number): void {
  const refuse = (message: string) => new EngineError('engine_settings', `OpenAI: ${message}`, false);
  if (sampleRateHz !== madeRateHz) throw refuse(`it makes ${madeRateHz} Hz, not ${sampleRateHz}`);
  if (voice !== undefined && !voices.includes(voice)) throw refuse(`there is no voice ${voice} among the settings`);
  if (text.length > MAX_TEXT_CHARS)
    throw new EngineError('engine_input', `OpenAI: a text has at most ${MAX_TEXT_CHARS} characters`, false);
}

/** Control characters and halves of surrogate pairs are nothing to say, and not every server takes them. */
function sayable(text: string): string {
  return text.replace(/\p{Cc}|\p{Cs}/gu, ' ').trim();
}

function closedError(): EngineError {
  return new EngineError('engine_closed', 'OpenAI: the engine is closed', false);
}
