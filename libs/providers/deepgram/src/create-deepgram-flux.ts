import { EngineError, deepgramFluxSettings, type DeepgramFluxSettings, type SpeechToText } from '@parley/ports';
import type { DeepgramConnectionOptions } from './deepgram-options.js';
import { fluxQuery } from './flux-query.js';
import { FluxStream } from './flux-stream.js';
import { createListenEngine } from './listen-engine.js';

/** Settings of {@link createDeepgramFlux}. */
export interface DeepgramFluxOptions extends DeepgramConnectionOptions {
  settings?: DeepgramFluxSettings;
}

const LANGUAGES = {
  'flux-general-en': ['en'],
  'flux-general-multi': ['en', 'es', 'fr', 'de', 'hi', 'ru', 'pt', 'ja', 'it', 'nl'],
};

/**
 * Speech to text by Deepgram's Flux models, over `/v2/listen`, which end turns by what is said in them. In a stream that
 * is opened without `endOfTurn` they do not, and only a flush ends one.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createDeepgramFlux(options: DeepgramFluxOptions): SpeechToText {
  const { settings = deepgramFluxSettings.parse({}) } = options;
  const languages = LANGUAGES[settings.model];
  return createListenEngine({
    ...options,
    name: 'deepgram-flux',
    capabilities: {
      interim: true,
      endOfTurn: true,
      wordTimes: true,
      feed: 'continuous',
      sampleRatesHz: [16_000, 8000, 24_000, 48_000],
      languages,
    },
    createStream(context, request) {
      const { language, endOfTurn } = request;
      if (!languages.some((known) => language.toLowerCase().startsWith(known)))
        throw new EngineError('engine_settings', `Deepgram: ${settings.model} does not know ${language}`, false);
      return new FluxStream(context, fluxQuery(settings, request), endOfTurn !== undefined);
    },
  });
}
