import {
  cartesiaSettings,
  elevenLabsTextToSpeechSettings,
  openAiSpeechSettings,
  type TextToSpeech,
} from '@parley/ports';
import type { z } from 'zod';
import { EnginePool } from './engine-pool.js';
import { FallbackTextToSpeech } from './fallback-text-to-speech.js';
import { loadMakers, type Loader } from './load-makers.js';
import { needsNothing, type textToSpeechProviderEnv } from './provider-env.js';
import type { EngineSetup } from './speech-to-text-engines.js';
import { vendor } from './vendor.js';

type Env = z.output<z.ZodObject<typeof textToSpeechProviderEnv>>;

/** The text-to-speech engines of a replica: every provider that it has a key for, and the local ones. */
export async function loadTextToSpeechEngines(
  setup: EngineSetup<TextToSpeech, Env>,
): Promise<EnginePool<TextToSpeech>> {
  const { env, chain, local, metrics, onMissing } = setup;
  const makers = await loadMakers({ ...local, ...vendors(env) }, chain, env);
  return new EnginePool<TextToSpeech>({
    chain,
    metrics,
    onMissing,
    create: ({ provider, settings }) => makers.get(provider)?.(settings, metrics.observerOf(provider)),
    join: (links) =>
      links.length === 1 && needsNothing(links[0].provider)
        ? links[0].engine
        : new FallbackTextToSpeech(links, { observer: metrics.chain }),
  });
}

function vendors(env: Env): Record<string, Loader<TextToSpeech>> {
  return {
    elevenlabs: vendor(async () => (await import('@parley/provider-elevenlabs')).createElevenLabsTextToSpeech, elevenLabsTextToSpeechSettings, { apiKey: env.ELEVENLABS_API_KEY, baseUrl: env.ELEVENLABS_BASE_URL }, env), // prettier-ignore
    cartesia: vendor(async () => (await import('@parley/provider-cartesia')).createCartesia, cartesiaSettings, { apiKey: env.CARTESIA_API_KEY, baseUrl: env.CARTESIA_BASE_URL }, env), // prettier-ignore
    openai: vendor(async () => (await import('@parley/provider-openai-audio')).createOpenAiSpeech, openAiSpeechSettings, { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL }, env), // prettier-ignore
  };
}
