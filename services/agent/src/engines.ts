import { openAiSettings, type LanguageModel } from '@parley/ports';
import type { AgentConfig } from './agent.config.js';

/** Makes the configured language model; only its own package is loaded. */
export async function createLanguageModel(config: AgentConfig): Promise<LanguageModel> {
  switch (config.LLM_ENGINE) {
    case 'local': {
      const { createLocalModel } = await import('@parley/provider-local-model');
      return createLocalModel();
    }
    case 'openai': {
      const { createOpenAi } = await import('@parley/provider-openai');
      const { OPENAI_API_KEY: apiKey = '', OPENAI_BASE_URL: baseUrl, LLM_MODEL: model } = config;
      const settings = openAiSettings.parse(model ? { model } : {});
      return createOpenAi({ apiKey, settings, ...(baseUrl && { baseUrl }) });
    }
    case 'scripted': {
      const { createScriptedModel } = await import('@parley/testing/engines');
      return createScriptedModel({
        firstTokenMs: config.SCRIPTED_LLM_FIRST_TOKEN_MS,
        tokenMs: config.SCRIPTED_LLM_TOKEN_MS,
      });
    }
  }
}
