import { describe, expect, it } from '@jest/globals';
import { loadAgentConfig } from './agent.config.js';
import { createLanguageModel } from './engines.js';

/** The chat model of the configured language model. */
async function chatModelOf(env: Record<string, string>) {
  const model = await createLanguageModel(loadAgentConfig(env));
  const chatModel = model.createChatModel({}) as unknown as {
    model?: string;
    clientConfig?: { baseURL?: string };
    bindTools?: unknown;
  };
  return { model, chatModel };
}

describe('createLanguageModel', () => {
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
});
