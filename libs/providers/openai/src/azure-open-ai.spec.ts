import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { azureOpenAiSettings } from '@parley/ports';
import { askModel } from '@parley/testing';
import { startAzureEmulator, type Emulator } from '@parley/testing/emulators';
import { SteppedChatModel } from '@parley/testing/engines';
import { createAzureOpenAi } from './index.js';

const addItem = { type: 'function' as const, function: { name: 'add_item', description: 'Adds.', parameters: { type: 'object', properties: {} } } }; // prettier-ignore
const said = [new SystemMessage('be brief'), new HumanMessage('hi')];

describe('Azure OpenAI model', () => {
  let emulator: Emulator;
  beforeEach(async () => {
    const model = new SteppedChatModel([
      ['Grüße 🙂 ', 'aus Azure. ', { call: { index: 0, id: 'a', name: 'add_item', args: '{"n":2}' } }],
    ]);
    emulator = await startAzureEmulator({ model, deployments: ['voice', 'thinks', 'two words'] });
  });
  afterEach(() => emulator.stop());

  function create(settings: object, baseUrl = emulator.url) {
    const parsed = azureOpenAiSettings.parse({ deployment: 'voice', ...settings });
    return createAzureOpenAi({ apiKey: 'k', baseUrl, settings: parsed });
  }
  const bodyOf = (at: number) => JSON.parse(emulator.requests[at]?.body.toString() ?? '') as Record<string, unknown>;

  it.each([
    ['2024-10-21', '/openai/deployments/voice/chat/completions?api-version=2024-10-21'],
    ['2025-04-01-preview', '/openai/deployments/voice/chat/completions?api-version=2025-04-01-preview'],
    ['v1', '/openai/v1/chat/completions'],
  ])('answers by the API of version %s', async (apiVersion, path) => {
    const model = create({ apiVersion }, `${emulator.url}/`).createChatModel({});
    const { words, whole } = await askModel(model, said, { tools: [addItem] });
    expect(words).toEqual(['Grüße 🙂 ', 'aus Azure. ']);
    expect(whole?.tool_calls).toMatchObject([{ id: 'a', name: 'add_item', args: { n: 2 } }]);
    expect(whole?.usage_metadata?.output_tokens).toBeGreaterThan(4);
    const [{ url, headers }] = emulator.requests as [Emulator['requests'][number]];
    expect(url.pathname + url.search).toBe(path);
    expect(headers).toMatchObject({ 'api-key': 'k' });
    expect(headers.authorization).toBeUndefined();
  });

  it.each(['2025-04-01-preview', 'v1'])(
    'knows a reasoning model behind its deployment, by version %s',
    async (apiVersion) => {
      const settings = {
        deployment: 'thinks',
        model: 'gpt-5-mini',
        apiVersion,
        maxTokens: 99,
        reasoningEffort: 'minimal',
      };
      await askModel(create(settings).createChatModel({}), said);
      expect(bodyOf(0)).toMatchObject({ max_completion_tokens: 99, reasoning_effort: 'minimal' });
      expect(bodyOf(0)).not.toHaveProperty('max_tokens');
      expect(bodyOf(0).model).toBe(apiVersion === 'v1' ? 'thinks' : 'gpt-5-mini');
    },
  );

  it.each(['2024-10-21', 'v1'])(
    'takes the model that an agent names for a deployment, by version %s',
    async (apiVersion) => {
      await askModel(create({ apiVersion }).createChatModel({ model: 'two words' }), said);
      expect(emulator.requests).toHaveLength(1);
      const missing = askModel(create({ apiVersion }).createChatModel({ model: 'elsewhere' }), said);
      await expect(missing).rejects.toMatchObject({ code: 'engine_settings', retryable: false });
    },
  );

  it('takes its endpoint from the settings when no base URL goes before it', async () => {
    const settings = azureOpenAiSettings.parse({ deployment: 'voice', endpoint: emulator.url });
    await askModel(createAzureOpenAi({ apiKey: 'k', settings }).createChatModel({}), said);
    expect(emulator.requests).toHaveLength(1);
    const without = azureOpenAiSettings.parse({ deployment: 'voice' });
    expect(() => createAzureOpenAi({ apiKey: 'k', settings: without })).toThrow(expect.objectContaining({ code: 'engine_settings' })); // prettier-ignore
    expect(() => create({}, 'nowhere')).toThrow(expect.objectContaining({ code: 'engine_settings' }));
    expect(() => create({}).createChatModel({ temperature: 3 })).toThrow(expect.objectContaining({ code: 'engine_settings' })); // prettier-ignore
  });

  it.each(['2024-10-21', 'v1'])(
    'asks whom it is told to whatever the environment says, by version %s',
    async (apiVersion) => {
      const elsewhere = {
        AZURE_OPENAI_BASE_PATH: 'http://127.0.0.1:1/openai/deployments',
        AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:1',
        AZURE_OPENAI_API_KEY: 'theirs',
        AZURE_OPENAI_API_DEPLOYMENT_NAME: 'theirs',
        AZURE_OPENAI_API_INSTANCE_NAME: 'theirs',
        AZURE_OPENAI_API_VERSION: '1999-01-01',
        OPENAI_API_VERSION: '1999-01-01',
        OPENAI_API_KEY: 'theirs',
        OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
        LANGSMITH_GATEWAY: 'http://127.0.0.1:1',
      };
      const before = { ...process.env };
      Object.assign(process.env, elsewhere);
      try {
        await askModel(create({ apiVersion }).createChatModel({}), said);
      } finally {
        for (const name of Object.keys(elsewhere)) {
          if (before[name] === undefined) delete process.env[name];
          else process.env[name] = before[name];
        }
      }
      const { headers, url } = emulator.requests[0] as Emulator['requests'][number];
      expect(headers['api-key']).toBe('k');
      expect(JSON.stringify(headers) + url.href).not.toMatch(/theirs|1999/);
    },
  );

  it('refuses versions that are none', () => {
    expect(() => create({ apiVersion: 'latest' })).toThrow();
    expect(() => create({ deployment: '' })).toThrow();
  });
});
