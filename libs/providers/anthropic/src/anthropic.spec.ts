import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { anthropicSettings, EngineError } from '@parley/ports';
import { askModel, eventually } from '@parley/testing';
import { startAnthropicEmulator, type Emulator } from '@parley/testing/emulators';
import { SteppedChatModel, type ModelStep } from '@parley/testing/engines';
import { createAnthropic } from './index.js';

const addItem = { type: 'function' as const, function: { name: 'add_item', description: 'Adds.', parameters: { type: 'object', properties: {} } } }; // prettier-ignore
const said = [new SystemMessage('be brief'), new HumanMessage('Grüße 🙂 aus Köln.')];

let emulator: Emulator | undefined;
let answering: SteppedChatModel;
async function start(...steps: ModelStep[]) {
  answering = new SteppedChatModel([steps]);
  emulator = await startAnthropicEmulator({ model: answering });
}
const baseUrl = () => emulator?.url ?? '';
const model = (settings: object = {}, answerTimeoutMs = 3000) =>
  createAnthropic({ apiKey: 'k', baseUrl: baseUrl(), settings: anthropicSettings.parse(settings), answerTimeoutMs }).createChatModel({}); // prettier-ignore
const bodyOf = (at: number) => JSON.parse(emulator?.requests[at]?.body.toString() ?? '') as Record<string, unknown>;

afterEach(async () => {
  await emulator?.stop();
  emulator = undefined;
});

describe('Anthropic model', () => {
  it('streams words as they come, and counts every token once', async () => {
    await start('Schöne ', 'Grüße 🙂 ', 'zurück.');
    const { words, whole } = await askModel(model({ temperature: 0.3, maxTokens: 200 }), said);
    expect(words).toEqual(['Schöne ', 'Grüße 🙂 ', 'zurück.']);
    const { input_tokens, output_tokens, total_tokens } = whole?.usage_metadata ?? {};
    expect(output_tokens).toBe(4);
    expect(total_tokens).toBe(Number(input_tokens) + 4);
    expect(bodyOf(0)).toMatchObject({ model: 'claude-haiku-4-5', max_tokens: 200, temperature: 0.3, system: 'be brief', stream: true }); // prettier-ignore
    expect(emulator?.requests[0]?.headers).toMatchObject({ 'x-api-key': 'k', 'anthropic-version': '2023-06-01' });
    expect(answering.asked[0]?.messages.map(({ text }) => text)).toEqual(['be brief', 'Grüße 🙂 aus Köln.']);
  });

  it('puts tool calls together from fragments, and sends their results back', async () => {
    await start(
      'Sure. ',
      { call: { index: 0, id: 'a', name: 'add_item', args: '{"item":"caf\\u00e9 \\"🙂\\"","n":2}' } },
      { call: { index: 1, id: 'b', name: 'add_item', args: '{}' } },
    );
    const { words, whole } = await askModel(model(), said, { tools: [addItem] });
    expect(words).toEqual(['Sure. ']);
    const calls = whole?.tool_calls ?? [];
    expect(calls).toMatchObject([
      { id: 'a', name: 'add_item', args: { item: 'café "🙂"', n: 2 } },
      { id: 'b', name: 'add_item', args: {} },
    ]);
    const results = calls.map(({ id = '' }) => new ToolMessage({ content: '{"ok":true}', tool_call_id: id }));
    await askModel(model(), [...said, new AIMessage({ content: 'Sure. ', tool_calls: calls }), ...results], { tools: [addItem] }); // prettier-ignore
    expect(answering.asked[1]?.tools).toMatchObject([{ function: { name: 'add_item' } }]);
    expect(answering.asked[1]?.messages.map((message) => message.getType())).toEqual(['system', 'human', 'ai', 'tool', 'tool']); // prettier-ignore
  });

  it('gives a whole answer in one when it is asked for one', async () => {
    await start('It is ', 'done.');
    const answer = await model().invoke(said);
    expect(answer.text).toBe('It is done.');
    expect(answer.usage_metadata?.output_tokens).toBe(3);
  });

  it('sends what the model is to think, and refuses what it does not take', async () => {
    await start('ok');
    await askModel(model({ model: 'claude-sonnet-4-6', thinking: 'adaptive', effort: 'low' }), said);
    expect(bodyOf(0)).toMatchObject({ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } });
    const refused = expect.objectContaining({ code: 'engine_settings', retryable: false });
    expect(() => model({ model: 'claude-opus-5', temperature: 0.5 })).toThrow(refused);
    const create = createAnthropic({ apiKey: 'k' }).createChatModel;
    expect(() => create({ temperature: 1.5 })).toThrow(refused);
    expect(() => createAnthropic({ apiKey: ' ' })).toThrow(refused);
    expect(() => createAnthropic({ apiKey: 'k', baseUrl: 'ftp://host' })).toThrow(refused);
  });

  it.each([
    ['that the agent begins', [new SystemMessage('greet')], ['system', 'human']],
    ['that the agent began', [new AIMessage('Hello?'), new HumanMessage('hi')], ['human', 'ai', 'human']],
    ['in which the caller says nothing', [new HumanMessage('hi'), new AIMessage('Hello?')], ['human', 'ai', 'human']],
  ])('has the user at both ends of a conversation %s', async (_, messages, expected) => {
    await start('ok');
    await askModel(model(), messages);
    expect(answering.asked[0]?.messages.map((message) => message.getType())).toEqual(expected);
  });

  it.each([
    ['the first word', [{ waitMs: 5000 }, 'a']],
    ['a further word', ['a ', { waitMs: 5000 }, 'b']],
  ])('gives up and hangs up when %s does not come in time', async (_, steps) => {
    await start(...steps);
    await expect(askModel(model({}, 200), said)).rejects.toMatchObject({ code: 'engine_timeout', retryable: true });
    await eventually(() => answering.asked[0]?.wasAborted, { what: 'hang-up' });
  });

  it.each([
    ['engine_unavailable', 'engine_unavailable', true],
    ['engine_rate_limited', 'engine_rate_limited', true],
    ['engine_busy', 'engine_busy', true],
    ['engine_input', 'engine_input', false],
  ] as const)(
    'tells what the provider says before and in the middle of an answer: %s',
    async (code, expected, retryable) => {
      for (const words of [[], ['Hel']]) {
        await start(...words, new EngineError(code, 'test', true));
        const asked = askModel(model(), said);
        await expect(asked).rejects.toMatchObject({ name: 'EngineError', code: expected, retryable });
        expect(emulator?.requests).toHaveLength(1);
        await emulator?.stop();
      }
    },
  );

  it('hangs up when the caller aborts', async () => {
    await start('a ', { waitMs: 10_000 }, 'b');
    const abort = new AbortController();
    const asked = askModel(model(), said, { signal: abort.signal, onWord: () => abort.abort() });
    await expect(asked).rejects.toThrow(/abort/i);
    await eventually(() => answering.asked[0]?.wasAborted, { what: 'hang-up' });
  });

  it('asks whom it is told to whatever the environment says', async () => {
    await start('ok');
    const elsewhere = {
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      ANTHROPIC_API_URL: 'http://127.0.0.1:1',
      ANTHROPIC_API_KEY: 'theirs',
      ANTHROPIC_AUTH_TOKEN: 'theirs',
      LANGSMITH_GATEWAY: 'http://127.0.0.1:1',
      LANGSMITH_GATEWAY_API_KEY: 'theirs',
    };
    const before = { ...process.env };
    Object.assign(process.env, elsewhere);
    try {
      await askModel(model(), said);
    } finally {
      for (const name of Object.keys(elsewhere)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
    const { headers } = (emulator as Emulator).requests[0] as Emulator['requests'][number];
    expect(headers['x-api-key']).toBe('k');
    expect(JSON.stringify(headers)).not.toContain('theirs');
  });
});

describe('Anthropic model and events that are odd', () => {
  const event = (type: string, fields: object = {}) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const begin = event('message_start', { message: { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, usage: { input_tokens: 3, output_tokens: 1 } } }); // prettier-ignore
  const hello = event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) + event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello.' } }); // prettier-ignore
  const stop = event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } });

  async function answerTo(body: string) {
    const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body)); // prettier-ignore
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      return await askModel(createAnthropic({ apiKey: 'k', baseUrl: url }).createChatModel({}), said);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it('passes over events and fields that it does not know', async () => {
    const unknown = event('content_block_glow', { index: 0 }) + event('content_block_delta', { index: 0, delta: { type: 'glow_delta' } }); // prettier-ignore
    const { words } = await answerTo(begin + event('ping') + unknown + hello + stop + event('message_stop'));
    expect(words).toEqual(['Hello.']);
  });

  it('takes an answer for complete that has said why it stops', async () => {
    expect((await answerTo(begin + hello + stop)).words).toEqual(['Hello.']);
  });

  it.each([
    ['has no reason to stop', begin + hello],
    ['has no reason but a stop', begin + hello + event('message_stop')],
    ['has no message', event('message_start') + hello + stop],
    ['is a page', '<html>sorry</html>'],
  ])('fails with a code when the answer %s', async (_, body) => {
    await expect(answerTo(body)).rejects.toMatchObject({ code: 'engine_protocol', retryable: true });
  });
});
