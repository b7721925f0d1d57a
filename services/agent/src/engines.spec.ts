import { describe, expect, it } from '@jest/globals';
import type { ProviderChoice } from '@parley/contracts';
import { createModelMetrics } from '@parley/engines';
import { createMetrics } from '@parley/telemetry';
import { loadAgentConfig } from './agent.config.js';
import { createLanguageModels } from './engines.js';

interface Made {
  model?: string;
  clientConfig?: { baseURL?: string };
  bindTools?: unknown;
}

/** The chat models of the configured chain. */
async function chatModelOf(env: Record<string, string>, chain?: ProviderChoice[]) {
  const missing: string[] = [];
  const metrics = createModelMetrics(createMetrics('agent', { processMetrics: false }));
  const models = await createLanguageModels(loadAgentConfig(env), metrics, (provider) => missing.push(provider));
  const model = models.for(chain);
  const made = model.createChatModel({}) as unknown as Made & { chain?: { entries: { model: Made }[] } };
  return { model, chatModel: made.chain?.entries[0]?.model ?? made, missing };
}

describe('createLanguageModels', () => {
  it('makes the local model without any key', async () => {
    const { model, chatModel } = await chatModelOf({});
    expect(model.capabilities.tools).toBe(true);
    expect(model.name).toMatch(/local/);
    expect(chatModel.bindTools).toBeDefined();
  });

  it("makes OpenAI's model with a key, at OpenAI's own address", async () => {
    const { model, chatModel } = await chatModelOf({ OPENAI_API_KEY: 'sk-1' });
    expect(model.name).toMatch(/openai/);
    expect(chatModel.clientConfig?.baseURL).toBe('https://api.openai.com/v1');
  });

  it('takes another address and model', async () => {
    const { chatModel } = await chatModelOf({
      OPENAI_API_KEY: 'sk-1',
      OPENAI_BASE_URL: 'http://localhost:11434/v1',
      LLM_MODEL: 'small',
    });
    expect(chatModel).toMatchObject({ model: 'small', clientConfig: { baseURL: 'http://localhost:11434/v1' } });
  });

  it('makes the scripted model', async () => {
    const { model } = await chatModelOf({ LLM_ENGINE: 'scripted' });
    expect(model.name).toBe('scripted');
  });

  it('makes the models of an agent that names its own, and leaves out those that there is no key for', async () => {
    const chain: ProviderChoice[] = [
      { provider: 'anthropic', settings: {} },
      { provider: 'openai', settings: { model: 'large' } },
    ];
    const { model, chatModel, missing } = await chatModelOf({ LLM_ENGINE: 'local', OPENAI_API_KEY: 'sk-1' }, chain);
    expect(model.name).toBe('openai');
    expect(chatModel.model).toBe('large');
    expect(missing).toEqual(['anthropic']);
    const none = await chatModelOf({ LLM_ENGINE: 'local' }, chain);
    expect(none.model.name).toMatch(/local/);
  });
});
