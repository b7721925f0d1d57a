import { EngineError, type AssemblyAiSettings, type ProviderObserver, type SpeechToText } from '@parley/ports';
import { AssemblyAiStream } from './assembly-ai-stream.js';
import { SAMPLE_RATES_HZ, isUniversalStreaming, languagesOf, sessionParameters } from './session-parameters.js';
import { StreamingSession } from './streaming-session.js';

/** How AssemblyAI is reached. */
export interface AssemblyAiOptions {
  apiKey: string;
  /** Of the service or of one that speaks its protocol; `ws:`, `wss:`, `http:` or `https:`. @defaultValue by `region` */
  baseUrl?: string;
  settings: AssemblyAiSettings;
  observe?: ProviderObserver;
  /** How long a session may take to begin. @defaultValue 5000 */
  connectTimeoutMs?: number;
  /** How long a flush may wait for its answer. @defaultValue 5000 */
  answerTimeoutMs?: number;
}

const BASE_URLS = {
  nearest: 'wss://streaming.assemblyai.com',
  us: 'wss://streaming.us.assemblyai.com',
  eu: 'wss://streaming.eu.assemblyai.com',
} as const;

/** Three hours. */
const MAX_STREAM_MS = 10_800_000;

/**
 * Speech to text by AssemblyAI's streaming API: one session of theirs to a stream. It finds turns by itself and says so
 * where a stream is opened with `endOfTurn`. Errors: `engine_auth`, `engine_rate_limited` (with `retryAfterMs` where
 * told), `engine_quota`, `engine_timeout`, `engine_busy`, `engine_unavailable`, `engine_protocol`, `engine_input`,
 * `engine_settings`, `engine_closed`.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createAssemblyAi(options: AssemblyAiOptions): SpeechToText {
  const { apiKey, settings, observe = () => undefined, connectTimeoutMs = 5000, answerTimeoutMs = 5000 } = options;
  const { speechModel, inactivityTimeoutMs, noWordsMs, formatTurns = false } = settings;
  const baseUrl = options.baseUrl ?? BASE_URLS[settings.region];
  // Anything else could not stand in the header that it is sent in.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw refusal('the API key is none');
  if (!URL.canParse(baseUrl) || !/^(ws|http)s?:$/.test(new URL(baseUrl).protocol))
    throw refusal('the base URL is none');
  const access = { apiKey, baseUrl: new URL(baseUrl), inactivityTimeoutMs, observe };
  const streams = new Set<AssemblyAiStream>();
  let isClosed = false;

  return {
    name: 'assemblyai',
    capabilities: {
      interim: true,
      endOfTurn: true,
      wordTimes: true,
      feed: 'continuous',
      sampleRatesHz: SAMPLE_RATES_HZ,
      languages: languagesOf(speechModel),
      maxStreamMs: MAX_STREAM_MS,
    },
    warm: () => Promise.resolve(),
    async open(request) {
      if (isClosed) throw new EngineError('engine_closed', 'AssemblyAI: the engine is closed', false);
      const parameters = sessionParameters(settings, request);
      const stream: AssemblyAiStream = new AssemblyAiStream(
        {
          sampleRateHz: request.sampleRateHz,
          endsTurns: request.endOfTurn !== undefined,
          leavesOutUnsettled: isUniversalStreaming(speechModel),
          isFormatting: formatTurns,
          minTurnSilenceMs: parameters.minTurnSilenceMs,
          answerTimeoutMs,
          noWordsMs,
          observe,
          onOver: () => streams.delete(stream),
        },
        (listener) => new StreamingSession(access, parameters, listener),
      );
      streams.add(stream);
      await stream.connect(connectTimeoutMs);
      return stream;
    },
    async close() {
      isClosed = true;
      await Promise.all([...streams].map((stream) => stream.close()));
    },
  };
}

function refusal(message: string): EngineError {
  return new EngineError('engine_settings', `AssemblyAI: ${message}`, false);
}
