import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { azureOpenAiSettings, type LanguageModel } from '@parley/ports';
import { createAnthropic } from '@parley/provider-anthropic';
import { createAzureOpenAi, createOpenAi } from '@parley/provider-openai';
import { askModel, eventually } from '@parley/testing';
import { startAnthropicEmulator, startAzureEmulator, startOpenAiEmulator, type Emulator, type Fault } from '@parley/testing/emulators'; // prettier-ignore
import { SteppedChatModel } from '@parley/testing/engines';
import { FallbackChatModel } from './index.js';

const said = [new SystemMessage('be brief'), new HumanMessage('Say something.')];
const tool = { type: 'function' as const, function: { name: 'add_item', description: 'Adds.', parameters: { type: 'object', properties: {} } } }; // prettier-ignore

describe('a chain of providers', () => {
  let emulators: Record<'openai' | 'azure' | 'anthropic', Emulator>;
  let answers: Record<'openai' | 'azure' | 'anthropic', SteppedChatModel>;
  let told: string[];

  beforeEach(async () => {
    told = [];
    answers = {
      openai: new SteppedChatModel([['Grüße ', 'aus ', 'Köln ', 'und ', 'Bonn.']]),
      azure: new SteppedChatModel([['Azure ', 'goes ', 'on.']]),
      anthropic: new SteppedChatModel([['Anthropic ', 'goes ', 'on.']]),
    };
    emulators = {
      openai: await startOpenAiEmulator({ model: answers.openai }),
      azure: await startAzureEmulator({ model: answers.azure }),
      anthropic: await startAnthropicEmulator({ model: answers.anthropic }),
    };
  });
  afterEach(async () => {
    await Promise.all(Object.values(emulators).map((emulator) => emulator.stop()));
  });

  function chain(names: readonly ('openai' | 'azure' | 'anthropic')[], hedgeAfterMs?: number) {
    const { openai, azure, anthropic } = emulators;
    const common = { apiKey: 'k', answerTimeoutMs: 500 };
    const models: Record<string, LanguageModel> = {
      openai: createOpenAi({ ...common, baseUrl: `${openai.url}/v1` }),
      azure: createAzureOpenAi({ ...common, baseUrl: azure.url, settings: azureOpenAiSettings.parse({ deployment: 'voice' }) }), // prettier-ignore
      anthropic: createAnthropic({ ...common, baseUrl: anthropic.url }),
    };
    const entries = names.map((provider) => ({ provider, model: (models[provider] as LanguageModel).createChatModel({}) })); // prettier-ignore
    const observer = {
      onFallback: ({ from, to, code, mid }: { from: string; to: string; code: string; mid: boolean }) =>
        void told.push(`${from} to ${to} for ${code}${mid ? ', mid' : ''}`),
      onHedge: ({ provider, won }: { provider: string; won: boolean }) => void told.push(`${provider} ${won}`),
    };
    return new FallbackChatModel({ entries, hedgeAfterMs, observer });
  }

  it.each<[Fault, string]>([
    ['truncated', 'engine_protocol'],
    ['dropped', 'engine_unavailable'],
    ['malformed', 'engine_protocol'],
  ])('goes on with Azure, and then Anthropic, when answers are %s in the middle', async (fault, code) => {
    emulators.openai.inject(fault);
    emulators.azure.inject(fault);
    const { whole } = await askModel(chain(['openai', 'azure', 'anthropic']), said, { tools: [tool] });
    expect(whole?.text).toBe('Grüße aus Azure goes Anthropic goes on.');
    expect(whole?.usage_metadata?.output_tokens).toBe(3);
    expect(answers.anthropic.asked[0]?.messages.map((message) => message.getType())).toEqual(['system', 'human', 'ai', 'human']); // prettier-ignore
    expect(answers.anthropic.asked[0]?.messages[2]?.text).toBe('Grüße aus Azure goes ');
    expect(told).toEqual([`openai to azure for ${code}, mid`, `azure to anthropic for ${code}, mid`]);
  });

  it('goes from Anthropic to OpenAI in the middle of an answer, with tools bound', async () => {
    emulators.anthropic.inject('dropped');
    const { whole } = await askModel(chain(['anthropic', 'openai']), said, { tools: [tool] });
    expect(whole?.text).toBe('Anthropic goes Grüße aus Köln und Bonn.');
    expect(told).toEqual(['anthropic to openai for engine_unavailable, mid']);
  });

  it.each<[Fault, string]>([
    ['rate_limited', 'engine_rate_limited'],
    ['server_error', 'engine_unavailable'],
    ['auth', 'engine_auth'],
    ['quota', 'engine_quota'],
    ['timeout', 'engine_timeout'],
    ['silent', 'engine_timeout'],
    ['closed_early', 'engine_protocol'],
  ])('begins with the next provider after %s', async (fault, code) => {
    emulators.openai.inject(fault);
    const { whole } = await askModel(chain(['openai', 'anthropic']), said);
    expect(whole?.text).toBe('Anthropic goes on.');
    expect(told).toEqual([`openai to anthropic for ${code}`]);
  });

  it('is answered by whoever begins first, and hangs up on the other', async () => {
    emulators.openai.connectDelayMs = 400;
    const { whole } = await askModel(chain(['openai', 'azure'], 50), said);
    expect(whole?.text).toBe('Azure goes on.');
    expect(told).toEqual(['azure true']);
    await eventually(() => emulators.openai.connections === 0, { what: 'end of the first request' });
  });
});
