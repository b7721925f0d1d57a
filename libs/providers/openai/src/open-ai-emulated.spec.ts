import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { EngineError, openAiSettings } from '@parley/ports';
import { askModel, eventually } from '@parley/testing';
import { startOpenAiEmulator, type Emulator } from '@parley/testing/emulators';
import { SteppedChatModel, type ModelStep } from '@parley/testing/engines';
import { createOpenAi } from './index.js';

const addItem = { type: 'function' as const, function: { name: 'add_item', description: 'Adds.', parameters: { type: 'object', properties: {} } } }; // prettier-ignore
const said = [new SystemMessage('be brief'), new HumanMessage('Grüße 🙂 aus Köln.')];

let emulator: Emulator;
let answering: SteppedChatModel;
async function start(...steps: ModelStep[]) {
  answering = new SteppedChatModel([steps]);
  emulator = await startOpenAiEmulator({ model: answering });
}
const provider = (answerTimeoutMs?: number) =>
  createOpenAi({ apiKey: 'k', baseUrl: `${emulator.url}/v1`, ...(answerTimeoutMs && { answerTimeoutMs }) });
const bodyOf = (at: number) => JSON.parse(emulator.requests[at]?.body.toString() ?? '') as Record<string, unknown>;

afterEach(() => emulator.stop());

describe('OpenAI model and the emulated provider', () => {
  it('gets every word and the usage of an answer that comes in pieces', async () => {
    await start('Schöne ', 'Grüße 🙂 ', 'zurück – ', 'äöü.');
    const { words, whole } = await askModel(provider().createChatModel({}), said);
    expect(words).toEqual(['Schöne ', 'Grüße 🙂 ', 'zurück – ', 'äöü.']);
    expect(whole?.usage_metadata).toMatchObject({ output_tokens: 6 });
    expect(answering.asked[0]?.messages.map(({ text }) => text)).toEqual(['be brief', 'Grüße 🙂 aus Köln.']);
  });

  it('puts parallel tool calls together from fragments, and sends their results back', async () => {
    await start(
      'Sure. ',
      { call: { index: 0, id: 'a', name: 'add_item', args: '{"item":"caf\\u00e9 \\"🙂\\"","n":2}' } },
      { call: { index: 1, id: 'b', name: 'add_item', args: '{}' } },
    );
    const model = provider().createChatModel({});
    const { whole } = await askModel(model, said, { tools: [addItem] });
    const calls = whole?.tool_calls ?? [];
    expect(calls).toMatchObject([
      { id: 'a', name: 'add_item', args: { item: 'café "🙂"', n: 2 } },
      { id: 'b', name: 'add_item', args: {} },
    ]);
    const results = calls.map(({ id = '' }) => new ToolMessage({ content: '{"ok":true}', tool_call_id: id }));
    await askModel(model, [...said, new AIMessage({ content: 'Sure. ', tool_calls: calls }), ...results], { tools: [addItem] }); // prettier-ignore
    expect(answering.asked[1]).toMatchObject({ tools: [addItem] });
    expect(answering.asked[1]?.messages.map((message) => message.getType())).toEqual(['system', 'human', 'ai', 'tool', 'tool']); // prettier-ignore
  });

  it('gives a whole answer in one when it is asked for one', async () => {
    await start('It is ', 'done.');
    const answer = await provider().createChatModel({}).invoke(said);
    expect(answer.text).toBe('It is done.');
    expect(answer.usage_metadata?.output_tokens).toBe(3);
    expect(bodyOf(0)).toMatchObject({ stream: true });
  });

  it('sends a reasoning model the parameters that it takes', async () => {
    await start('ok');
    const settings = openAiSettings.parse({ model: 'gpt-5-mini', maxTokens: 300, reasoningEffort: 'low', serviceTier: 'priority' }); // prettier-ignore
    const model = createOpenAi({ apiKey: 'k', baseUrl: `${emulator.url}/v1`, settings }).createChatModel({});
    await askModel(model, said);
    expect(bodyOf(0)).toMatchObject({ model: 'gpt-5-mini', max_completion_tokens: 300, reasoning_effort: 'low', service_tier: 'priority' }); // prettier-ignore
    expect(bodyOf(0)).not.toHaveProperty('max_tokens');
  });

  it("puts the agent's settings over its own", async () => {
    await start('ok');
    const settings = openAiSettings.parse({ model: 'a', temperature: 0.5, maxTokens: 10 });
    const { createChatModel } = createOpenAi({ apiKey: 'k', baseUrl: `${emulator.url}/v1`, settings });
    await askModel(createChatModel({ model: 'b', temperature: undefined, maxTokens: 20 }), said);
    expect(bodyOf(0)).toMatchObject({ model: 'b', temperature: 0.5, max_tokens: 20 });
    expect(() => createChatModel({ maxTokens: 0 })).toThrow(expect.objectContaining({ code: 'engine_settings' }));
  });

  it('waits as long as words keep coming', async () => {
    await start({ waitMs: 300 }, 'a ', { waitMs: 300 }, 'b ', { waitMs: 300 }, 'c ', { waitMs: 300 }, 'd');
    expect((await askModel(provider(800).createChatModel({}), said)).words).toHaveLength(4);
  });

  it.each([
    ['the first word', [{ waitMs: 5000 }, 'a']],
    ['a further word', ['a ', { waitMs: 5000 }, 'b']],
    ['the end of a tool call', [{ call: { index: 0, id: 'a', name: 'add_item', args: '{"n"' } }, { waitMs: 5000 }]],
  ])('gives up and hangs up when %s does not come in time', async (_, steps) => {
    await start(...steps);
    const asked = askModel(provider(200).createChatModel({}), said, { tools: [addItem] });
    await expect(asked).rejects.toMatchObject({ code: 'engine_timeout', retryable: true });
    await eventually(() => answering.asked[0]?.wasAborted, { what: 'hang-up' });
  });

  it('gives up a whole answer, too, when nothing comes any more', async () => {
    await start('a ', { waitMs: 5000 }, 'b');
    const asked = provider(200).createChatModel({}).invoke(said);
    await expect(asked).rejects.toMatchObject({ code: 'engine_timeout' });
  });

  it('loses nothing on a connection that takes 1.5 s', async () => {
    await start('here ', 'I am');
    emulator.connectDelayMs = 1500;
    expect((await askModel(provider().createChatModel({}), said)).whole?.text).toBe('here I am');
  });

  it.each([
    ['engine_rate_limited', 'engine_rate_limited', true],
    ['engine_quota', 'engine_quota', false],
    ['engine_unavailable', 'engine_unavailable', true],
    ['engine_input', 'engine_input', false],
  ] as const)('tells what the provider says in the middle of an answer: %s', async (code, expected, retryable) => {
    const cause = new EngineError(code, 'test', true);
    await start('Hel', cause);
    const asked = askModel(provider().createChatModel({}), said);
    await expect(asked).rejects.toMatchObject({ name: 'EngineError', code: expected, retryable });
  });

  it('hangs up when the caller aborts', async () => {
    await start('a ', { waitMs: 10_000 }, 'b');
    const abort = new AbortController();
    const asked = askModel(provider().createChatModel({}), said, { signal: abort.signal, onWord: () => abort.abort() });
    await expect(asked).rejects.toThrow(/abort/i);
    await eventually(() => answering.asked[0]?.wasAborted, { what: 'hang-up' });
  });

  it('streams events from the same guarded answer', async () => {
    await start('a ', new EngineError('engine_unavailable', 'test', true));
    const read = async () => {
      for await (const _ of provider().createChatModel({})._streamChatModelEvents(said, {})) continue;
    };
    await expect(read()).rejects.toMatchObject({ name: 'EngineError', code: 'engine_unavailable' });
  });
});

describe('OpenAI model and the environment', () => {
  const elsewhere = {
    LANGSMITH_GATEWAY: 'http://127.0.0.1:1',
    LANGSMITH_GATEWAY_API_KEY: 'theirs',
    OPENAI_API_BASE: 'http://127.0.0.1:1/v1',
    OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
    OPENAI_API_KEY: 'theirs',
    OPENAI_ORGANIZATION: 'theirs',
    OPENAI_ORG_ID: 'theirs',
    OPENAI_PROJECT_ID: 'theirs',
  };
  const before = { ...process.env };
  beforeEach(() => void Object.assign(process.env, elsewhere));
  afterEach(() => {
    for (const name of Object.keys(elsewhere)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  it('asks whom it is told to, with the key that it is given', async () => {
    await start('ok');
    await askModel(provider().createChatModel({}), said);
    const headers = emulator.requests[0]?.headers ?? {};
    expect(headers.authorization).toBe('Bearer k');
    expect(JSON.stringify(headers)).not.toContain('theirs');
  });
});
