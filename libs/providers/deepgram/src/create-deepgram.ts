import { deepgramSettings, type DeepgramSettings, type SpeechToText } from '@parley/ports';
import type { DeepgramConnectionOptions } from './deepgram-options.js';
import { createListenEngine } from './listen-engine.js';
import { novaQuery } from './nova-query.js';
import { NovaStream } from './nova-stream.js';

/** Settings of {@link createDeepgram}. */
export interface DeepgramOptions extends DeepgramConnectionOptions {
  settings?: DeepgramSettings;
}

/** What Nova-3 speaks; other models know other languages, and Deepgram refuses what the model does not know. */
const LANGUAGES = ['en', 'ar', 'be', 'bg', 'bn', 'bs', 'ca', 'cs', 'da', 'de', 'el', 'es', 'et', 'fa', 'fi', 'fr', 'he', 'hi']
  .concat(['hr', 'hu', 'id', 'it', 'ja', 'kn', 'ko', 'lt', 'lv', 'mk', 'mr', 'ms', 'nl', 'no', 'pl', 'pt', 'ro', 'ru'])
  .concat(['sk', 'sl', 'sr', 'sv', 'ta', 'te', 'tl', 'tr', 'uk', 'ur', 'vi', 'zh']); // prettier-ignore

/**
 * Speech to text by Deepgram's Nova models, over `/v1/listen`. It is fed all audio; finals come where speech pauses
 * (`endpointingMs`) and on a flush, and ends of turns are for others to find.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createDeepgram(options: DeepgramOptions): SpeechToText {
  const { settings = deepgramSettings.parse({}) } = options;
  return createListenEngine({
    ...options,
    name: 'deepgram',
    capabilities: {
      interim: true,
      endOfTurn: false,
      wordTimes: true,
      feed: 'continuous',
      sampleRatesHz: [16_000, 8000, 24_000, 48_000],
      languages: LANGUAGES,
    },
    createStream: (context, request) => new NovaStream(context, novaQuery(settings, request)),
  });
}
