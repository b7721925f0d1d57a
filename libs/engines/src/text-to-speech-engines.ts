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
  const waits = { connectTimeoutMs: env.PROVIDER_CONNECT_TIMEOUT_MS, answerTimeoutMs: env.PROVIDER_ANSWER_TIMEOUT_MS };
  const { ELEVENLABS_API_KEY = '', CARTESIA_API_KEY = '', OPENAI_API_KEY = '' } = env;
  return {
    elevenlabs: async () => {
      const { createElevenLabsTextToSpeech } = await import('@parley/provider-elevenlabs');
      return (settings, observe) =>
        createElevenLabsTextToSpeech({
          apiKey: ELEVENLABS_API_KEY,
          ...(env.ELEVENLABS_BASE_URL && { baseUrl: env.ELEVENLABS_BASE_URL }),
          settings: elevenLabsTextToSpeechSettings.parse(settings),
          observe,
          ...waits,
        });
    },
    cartesia: async () => {
      const { createCartesia } = await import('@parley/provider-cartesia');
      return (settings, observe) =>
        createCartesia({
          apiKey: CARTESIA_API_KEY,
          ...(env.CARTESIA_BASE_URL && { baseUrl: env.CARTESIA_BASE_URL }),
          settings: cartesiaSettings.parse(settings),
          observe,
          ...waits,
        });
    },
    openai: async () => {
      const { createOpenAiSpeech } = await import('@parley/provider-openai-audio');
      return (settings, observe) =>
        createOpenAiSpeech({
          apiKey: OPENAI_API_KEY,
          ...(env.OPENAI_BASE_URL && { baseUrl: env.OPENAI_BASE_URL }),
          settings: openAiSpeechSettings.parse(settings),
          observe,
          ...waits,
        });
    },
  };
}
