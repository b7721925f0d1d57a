import type { ProviderChoice } from '@parley/contracts';
import { anthropicSettings, azureOpenAiSettings, openAiSettings, type LanguageModel } from '@parley/ports';
import type { z } from 'zod';
import { EnginePool, type PooledEngine } from './engine-pool.js';
import { FallbackChatModel } from './fallback-chat-model.js';
import type { Link } from './link.js';
import { loadMakers, type Loader } from './load-makers.js';
import { needsNothing, type languageModelProviderEnv } from './provider-env.js';
import type { ModelMetrics } from './model-metrics.js';
import type { EngineSetup } from './speech-to-text-engines.js';
import { vendor } from './vendor.js';

type Env = z.output<z.ZodObject<typeof languageModelProviderEnv>>;
type Pooled = LanguageModel & PooledEngine;

/** What language models are made with. */
export interface ModelSetup extends Omit<EngineSetup<LanguageModel, Env>, 'metrics'> {
  metrics: ModelMetrics;
}

/** The language models of a replica: every provider that it has a key for, and the local ones. */
export async function loadLanguageModels(setup: ModelSetup): Promise<EnginePool<Pooled>> {
  const { env, chain, local, metrics, onMissing } = setup;
  const makers = await loadMakers({ ...local, ...vendors(env) }, chain, env);
  const hedgeAfterMs = env.LLM_HEDGE_AFTER_MS;
  return new EnginePool<Pooled>({
    chain,
    metrics,
    onMissing,
    create: ({ provider, settings }: ProviderChoice) => {
      const model = makers.get(provider)?.(settings, () => undefined);
      return model && { ...model, warm: () => Promise.resolve(), close: () => Promise.resolve() };
    },
    join: (links) => joined(links, metrics, hedgeAfterMs),
  });
}

/** One model of several: asked one after the other, and behind what was said already when one breaks off. */
function joined(links: [Link<Pooled>, ...Link<Pooled>[]], metrics: ModelMetrics, hedgeAfterMs?: number): Pooled {
  const [first] = links;
  if (links.length === 1 && needsNothing(first.provider)) return first.engine;
  const { summaries } = first.engine.capabilities;
  const tools = links.every(({ engine }) => engine.capabilities.tools);
  return {
    name: links.map(({ provider }) => provider).join('>'),
    capabilities: { streaming: true, tools, ...(summaries !== undefined && { summaries }) },
    createChatModel: (settings) =>
      new FallbackChatModel({
        entries: links.map(({ provider, engine }) => ({ provider, model: engine.createChatModel(settings) })),
        healthOf: (provider) => (links.find((link) => link.provider === provider) ?? first).health,
        observer: metrics.observer,
        ...(hedgeAfterMs !== undefined && { hedgeAfterMs }),
      }),
    warm: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function vendors(env: Env): Record<string, Loader<LanguageModel>> {
  return {
    openai: vendor(async () => (await import('@parley/provider-openai')).createOpenAi, openAiSettings, { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL }, env), // prettier-ignore
    azure: vendor(async () => (await import('@parley/provider-openai')).createAzureOpenAi, azureOpenAiSettings, { apiKey: env.AZURE_OPENAI_API_KEY, baseUrl: env.AZURE_OPENAI_ENDPOINT }, env), // prettier-ignore
    anthropic: vendor(async () => (await import('@parley/provider-anthropic')).createAnthropic, anthropicSettings, { apiKey: env.ANTHROPIC_API_KEY, baseUrl: env.ANTHROPIC_BASE_URL }, env), // prettier-ignore
  };
}
