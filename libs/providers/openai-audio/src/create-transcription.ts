import {
  EngineError,
  openAiTranscriptionSettings,
  type OpenAiTranscriptionSettings,
  type ProviderObserver,
  type SpeechToText,
  type SpeechToTextOptions,
} from '@parley/ports';
import { LANGUAGES } from './languages.js';
import { openAiClient, type OpenAiAccount } from './open-ai-client.js';
import { TranscriptionStream } from './transcription-stream.js';

/** Settings of {@link createOpenAiTranscription}. */
export interface OpenAiTranscriptionOptions extends OpenAiAccount {
  settings?: OpenAiTranscriptionSettings;
  observe?: ProviderObserver;
}

const SAMPLE_RATES_HZ = [16_000, 24_000, 8000, 48_000];

/**
 * Speech to text of OpenAI, or of a server like it: a request with a WAV file for each utterance. Interim results come
 * only while that is answered, and only with `stream`; key terms go into the prompt.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createOpenAiTranscription(options: OpenAiTranscriptionOptions): SpeechToText {
  const { settings = openAiTranscriptionSettings.parse({}), observe = () => undefined } = options;
  const client = openAiClient(options);
  const streams = new Set<TranscriptionStream>();
  let closed = false;

  async function open({ sampleRateHz, language, keyTerms = [] }: SpeechToTextOptions): Promise<TranscriptionStream> {
    if (closed) throw closedError();
    if (!SAMPLE_RATES_HZ.includes(sampleRateHz)) {
      const rates = SAMPLE_RATES_HZ.join(', ');
      throw new EngineError('engine_settings', `OpenAI: it takes ${rates} Hz, not ${sampleRateHz}`, false);
    }
    // What is no ISO 639-1 code would be refused; without one the model finds the language out.
    const [code] = /^[a-z]{2}(?=$|[-_])/.exec(language.toLowerCase()) ?? [];
    const context = { ...client, settings, sampleRateHz, language: settings.language ?? code, keyTerms, observe };
    const stream: TranscriptionStream = new TranscriptionStream(context, () => streams.delete(stream));
    streams.add(stream);
    return stream;
  }

  return {
    name: 'openai-transcription',
    capabilities: {
      interim: settings.stream,
      endOfTurn: false,
      wordTimes: false,
      feed: 'speech',
      sampleRatesHz: SAMPLE_RATES_HZ,
      languages: LANGUAGES,
    },
    warm: () => (closed ? Promise.reject(closedError()) : Promise.resolve()),
    open,
    close: async () => {
      closed = true;
      await Promise.all([...streams].map((stream) => stream.close()));
    },
  };
}

function closedError(): EngineError {
  return new EngineError('engine_closed', 'OpenAI: the engine is closed', false);
}
