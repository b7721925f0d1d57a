import type { ProviderChoice } from '@parley/contracts';
import { assemblyAiSettings, deepgramFluxSettings, deepgramSettings, elevenLabsSpeechToTextSettings, openAiTranscriptionSettings, type SpeechToText } from '@parley/ports'; // prettier-ignore
import type { z } from 'zod';
import { EnginePool } from './engine-pool.js';
import { FallbackSpeechToText } from './fallback-speech-to-text.js';
import { loadMakers, type Loader } from './load-makers.js';
import { needsNothing, type speechToTextProviderEnv } from './provider-env.js';
import type { ProviderMetrics } from './provider-metrics.js';
import { vendor } from './vendor.js';

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
  return {
    assemblyai: vendor(async () => (await import('@parley/provider-assemblyai')).createAssemblyAi, assemblyAiSettings, { apiKey: env.ASSEMBLYAI_API_KEY, baseUrl: env.ASSEMBLYAI_BASE_URL }, env), // prettier-ignore
    elevenlabs: vendor(async () => (await import('@parley/provider-elevenlabs')).createElevenLabsSpeechToText, elevenLabsSpeechToTextSettings, { apiKey: env.ELEVENLABS_API_KEY, baseUrl: env.ELEVENLABS_BASE_URL }, env), // prettier-ignore
    deepgram: vendor(async () => (await import('@parley/provider-deepgram')).createDeepgram, deepgramSettings, { apiKey: env.DEEPGRAM_API_KEY, baseUrl: env.DEEPGRAM_BASE_URL }, env), // prettier-ignore
    'deepgram-flux': vendor(async () => (await import('@parley/provider-deepgram')).createDeepgramFlux, deepgramFluxSettings, { apiKey: env.DEEPGRAM_API_KEY, baseUrl: env.DEEPGRAM_BASE_URL }, env), // prettier-ignore
    openai: vendor(async () => (await import('@parley/provider-openai-audio')).createOpenAiTranscription, openAiTranscriptionSettings, { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL }, env), // prettier-ignore
  };
}
