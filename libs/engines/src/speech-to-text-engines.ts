import type { ProviderChoice } from '@parley/contracts';
import { assemblyAiSettings, deepgramFluxSettings, deepgramSettings, elevenLabsSpeechToTextSettings, openAiTranscriptionSettings, type SpeechToText } from '@parley/ports'; // prettier-ignore
import type { z } from 'zod';
import { EnginePool } from './engine-pool.js';
import { FallbackSpeechToText } from './fallback-speech-to-text.js';
import { loadMakers, type Loader } from './load-makers.js';
import { needsNothing, type speechToTextProviderEnv } from './provider-env.js';
import type { ProviderMetrics } from './provider-metrics.js';

type Env = z.output<z.ZodObject<typeof speechToTextProviderEnv>>;

/** What a stage's engines are made with. */
export interface EngineSetup<Engine, StageEnv> {
  env: StageEnv;
  /** The stage's own. */
  chain: readonly ProviderChoice[];
  /** Engines that need no provider, by name. */
  local: Readonly<Record<string, Loader<Engine>>>;
  metrics: ProviderMetrics;
  onMissing(provider: string): void;
}

/** The speech-to-text engines of a replica: every provider that it has a key for, and the local ones. */
export async function loadSpeechToTextEngines(
  setup: EngineSetup<SpeechToText, Env>,
): Promise<EnginePool<SpeechToText>> {
  const { env, chain, local, metrics, onMissing } = setup;
  const makers = await loadMakers({ ...local, ...vendors(env) }, chain, env);
  return new EnginePool<SpeechToText>({
    chain,
    metrics,
    onMissing,
    create: ({ provider, settings }) => makers.get(provider)?.(settings, metrics.observerOf(provider)),
    join: (links) =>
      links.length === 1 && needsNothing(links[0].provider)
        ? links[0].engine
        : new FallbackSpeechToText(links, { observer: metrics.chain }),
  });
}

function vendors(env: Env): Record<string, Loader<SpeechToText>> {
  const waits = { connectTimeoutMs: env.PROVIDER_CONNECT_TIMEOUT_MS, answerTimeoutMs: env.PROVIDER_ANSWER_TIMEOUT_MS };
  const { ASSEMBLYAI_API_KEY = '', ELEVENLABS_API_KEY = '', DEEPGRAM_API_KEY = '', OPENAI_API_KEY = '' } = env;
  return {
    assemblyai: async () => {
      const { createAssemblyAi } = await import('@parley/provider-assemblyai');
      return (settings, observe) =>
        createAssemblyAi({
          apiKey: ASSEMBLYAI_API_KEY,
          ...(env.ASSEMBLYAI_BASE_URL && { baseUrl: env.ASSEMBLYAI_BASE_URL }),
          settings: assemblyAiSettings.parse(settings),
          observe,
          ...waits,
        });
    },
    elevenlabs: async () => {
      const { createElevenLabsSpeechToText } = await import('@parley/provider-elevenlabs');
      return (settings, observe) =>
        createElevenLabsSpeechToText({
          apiKey: ELEVENLABS_API_KEY,
          ...(env.ELEVENLABS_BASE_URL && { baseUrl: env.ELEVENLABS_BASE_URL }),
          settings: elevenLabsSpeechToTextSettings.parse(settings),
          observe,
          ...waits,
        });
    },
    deepgram: async () => {
      const { createDeepgram } = await import('@parley/provider-deepgram');
      return (settings, observe) =>
        createDeepgram({
          apiKey: DEEPGRAM_API_KEY,
          ...(env.DEEPGRAM_BASE_URL && { baseUrl: env.DEEPGRAM_BASE_URL }),
          settings: deepgramSettings.parse(settings),
          observe,
          ...waits,
        });
    },
    'deepgram-flux': async () => {
      const { createDeepgramFlux } = await import('@parley/provider-deepgram');
      return (settings, observe) =>
        createDeepgramFlux({
          apiKey: DEEPGRAM_API_KEY,
          ...(env.DEEPGRAM_BASE_URL && { baseUrl: env.DEEPGRAM_BASE_URL }),
          settings: deepgramFluxSettings.parse(settings),
          observe,
          ...waits,
        });
    },
    openai: async () => {
      const { createOpenAiTranscription } = await import('@parley/provider-openai-audio');
      return (settings, observe) =>
        createOpenAiTranscription({
          apiKey: OPENAI_API_KEY,
          ...(env.OPENAI_BASE_URL && { baseUrl: env.OPENAI_BASE_URL }),
          settings: openAiTranscriptionSettings.parse(settings),
          observe,
          ...waits,
        });
    },
  };
}
