import { loadLanguageModels, type ModelMetrics } from '@parley/engines';
import type { ProviderChoice } from '@parley/contracts';
import type { LanguageModel } from '@parley/ports';
import type { AgentConfig } from './agent.config.js';

/** The language models of a replica. */
export interface LanguageModels {
  /** The one for the providers that an agent names; the stage's own without. */
  for(chain: readonly ProviderChoice[] | undefined): LanguageModel;
}

/** Makes the language models of this replica; only packages that can be used are loaded. */
export function createLanguageModels(
  config: AgentConfig,
  metrics: ModelMetrics,
  onMissing: (provider: string) => void,
): Promise<LanguageModels> {
  return loadLanguageModels({
    env: config,
    chain: config.LLM_CHAIN,
    metrics,
    onMissing,
    local: {
      local: async () => {
        const { createLocalModel } = await import('@parley/provider-local-model');
        return () => createLocalModel();
      },
      scripted: async () => {
        const { createScriptedModel } = await import('@parley/testing/engines');
        const { SCRIPTED_LLM_FIRST_TOKEN_MS: firstTokenMs, SCRIPTED_LLM_TOKEN_MS: tokenMs } = config;
        return () => createScriptedModel({ firstTokenMs, tokenMs });
      },
    },
  });
}
