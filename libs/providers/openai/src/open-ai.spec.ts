import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { concat } from '@langchain/core/utils/stream';
import { createOpenAi, toEngineError } from './index.js';

interface Recorded {
  url: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

/** Speaks as much of the chat completions protocol as the tests need. */
let answer: (response: ServerResponse) => void;
let requests: Recorded[];
let closed: Promise<void>;
let baseUrl: string;
const server = createServer((request, response) => {
  let body = '';
  closed = new Promise((resolve) => response.on('close', resolve));
  request.on('data', (bytes: Buffer) => (body += bytes.toString()));
  request.on('end', () => {
    requests.push({
      url: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(body) as Record<string, unknown>,
    });
    answer(response);
  });
});

beforeEach(async () => {
  requests = [];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function delta(delta: Record<string, unknown>, finish_reason: string | null = null) {
  return sse({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
  });
}
function sse(json: unknown) {
  return `data: ${JSON.stringify(json)}\n\n`;
}
const usage = sse({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
});
const done = 'data: [DONE]\n\n';

function streams(...events: string[]) {
  answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(event);
    response.end();
  };
}
function refuses(status: number, error: Record<string, unknown>, headers: Record<string, string> = {}) {
  answer = (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message: 'secret prompt', ...error } }));
  };
}

const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'add',
      description: 'Adds.',
      parameters: { type: 'object', properties: { n: { type: 'number' } } },
    },
  },
];

async function ask(options: { signal?: AbortSignal; onToken?: (text: string) => void } = {}) {
  const model = createOpenAi({ apiKey: 'k', baseUrl }).createChatModel({ temperature: 0 });
  let whole: AIMessageChunk | undefined;
  const words: string[] = [];
  const messages = [new SystemMessage('be brief'), new HumanMessage('hi')];
  for await (const chunk of await model.bindTools!(tools).stream(messages, { signal: options.signal })) {
    if (chunk.text) words.push(chunk.text);
    options.onToken?.(chunk.text);
    whole = whole ? concat(whole, chunk as AIMessageChunk) : (chunk as AIMessageChunk);
  }
  return { words, whole };
}

describe('OpenAI model', () => {
  it('streams tokens as they come, with the usage', async () => {
    streams(
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Hel' }),
      delta({ content: 'lo.' }),
      delta({}, 'stop'),
      usage,
      done,
    );
    const { words, whole } = await ask();
    expect(words).toEqual(['Hel', 'lo.']);
    expect(whole?.usage_metadata).toMatchObject({ input_tokens: 7, output_tokens: 3 });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      url: '/v1/chat/completions',
      headers: { authorization: 'Bearer k' },
      body: { stream: true, stream_options: { include_usage: true }, temperature: 0, tools },
    });
  });

  it.each([
    ['', { role: 'assistant', content: null }],
    [' from a service that leaves out the role', {}],
  ])('puts parallel tool calls together from fragments%s', async (_, role) => {
    const fragment = (index: number, args: string, start: Record<string, unknown> = {}) =>
      delta({ tool_calls: [{ index, ...start, function: { ...(start.id ? { name: 'add' } : {}), arguments: args } }] });
    streams(
      delta({
        ...role,
        tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'add', arguments: '' } }],
      }),
      fragment(0, '{"n"'),
      fragment(0, ':1}'),
      fragment(1, '', { id: 'b', type: 'function' }),
      fragment(1, '{"n":2}'),
      delta({}, 'tool_calls'),
      done,
    );
    const { whole } = await ask();
    expect(whole?.tool_calls).toMatchObject([
      { id: 'a', name: 'add', args: { n: 1 } },
      { id: 'b', name: 'add', args: { n: 2 } },
    ]);
  });

  it('sends tool results back under their call', async () => {
    streams(delta({ role: 'assistant', content: 'ok' }), delta({}, 'stop'), done);
    const model = createOpenAi({ apiKey: 'k', baseUrl }).createChatModel({});
    const call = { id: 'a', name: 'add', args: { n: 1 } };
    const messages = [
      new HumanMessage('hi'),
      new AIMessage({ content: '', tool_calls: [call] }),
      new ToolMessage({ content: '{}', tool_call_id: 'a' }),
    ];
    for await (const chunk of await model.stream(messages)) expect(chunk).toBeInstanceOf(AIMessageChunk);
    expect(requests[0]?.body.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'add', arguments: '{"n":1}' } }] },
      { role: 'tool', tool_call_id: 'a', content: '{}' },
    ]);
  });

  it.each([
    [401, { code: 'invalid_api_key' }, {}, { code: 'engine_auth', retryable: false }],
    [
      429,
      { code: 'rate_limit_exceeded' },
      { 'retry-after': '2' },
      { code: 'engine_rate_limited', retryable: true, retryAfterMs: 2000 },
    ],
    [
      429,
      { code: 'rate_limit_exceeded' },
      { 'retry-after-ms': '150' },
      { code: 'engine_rate_limited', retryAfterMs: 150 },
    ],
    [
      429,
      { code: 'rate_limit_exceeded' },
      {},
      { code: 'engine_rate_limited', retryable: true, retryAfterMs: undefined },
    ],
    [429, { code: 'insufficient_quota', type: 'insufficient_quota' }, {}, { code: 'engine_quota', retryable: false }],
    [400, { code: 'context_length_exceeded' }, {}, { code: 'engine_input', retryable: false }],
    [400, { type: 'invalid_request_error' }, {}, { code: 'engine_input', retryable: false }],
    [404, { code: 'model_not_found' }, {}, { code: 'engine_settings', retryable: false }],
    [500, { type: 'server_error' }, {}, { code: 'engine_unavailable', retryable: true }],
    [503, { type: 'server_error' }, {}, { code: 'engine_busy', retryable: true }],
  ])('answers status %d (%j %j) with its code, after one request', async (status, error, headers, expected) => {
    refuses(status, error, headers as Record<string, string>);
    const thrown = await ask().catch((caught: unknown) => caught as Error);
    expect(thrown).toMatchObject({ name: 'EngineError', ...expected });
    expect((thrown as Error).message).not.toContain('secret');
    expect(requests).toHaveLength(1);
  });

  it.each<[string, () => void, string]>([
    [
      'the answer ends without a finish reason',
      () => streams(delta({ role: 'assistant', content: 'Hel' })),
      'engine_protocol',
    ],
    [
      'an error comes in the middle',
      () =>
        streams(delta({ role: 'assistant', content: 'Hel' }), sse({ error: { message: 'x', type: 'server_error' } })),
      'engine_unavailable',
    ],
    ['an event is no JSON', () => streams('data: {nonsense\n\n'), 'engine_protocol'],
    [
      'the connection breaks in the middle',
      () =>
        (answer = (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(delta({ role: 'assistant', content: 'Hel' }), () => response.destroy());
        }),
      'engine_unavailable',
    ],
  ])('fails with a code when %s', async (_, misbehave, code) => {
    misbehave();
    await expect(ask()).rejects.toMatchObject({ name: 'EngineError', code, retryable: true });
    expect(requests).toHaveLength(1);
  });

  it('fails with a code when nobody listens', async () => {
    const model = createOpenAi({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1/v1' }).createChatModel({});
    await expect(model.invoke('hi')).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true });
  });

  it('translates the timeout of the client', () => {
    const timeout = Object.assign(new Error('Request timed out.'), { name: 'TimeoutError' });
    expect(toEngineError(timeout)).toMatchObject({ code: 'engine_timeout', retryable: true });
  });

  it('hangs up when aborted', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(delta({ role: 'assistant', content: 'Hel' }));
    };
    const abort = new AbortController();
    const asked = ask({ signal: abort.signal, onToken: () => abort.abort() });
    await expect(asked).rejects.toThrow();
    await closed;
  });

  it.each([[{ apiKey: ' ' }], [{ apiKey: 'k', baseUrl: 'not a url' }], [{ apiKey: 'k', baseUrl: 'ftp://host/v1' }]])(
    'refuses settings %j',
    (options) => {
      expect(() => createOpenAi(options)).toThrow(expect.objectContaining({ code: 'engine_settings' }));
    },
  );

  it('refuses a temperature out of range', () => {
    const model = createOpenAi({ apiKey: 'k', baseUrl });
    expect(() => model.createChatModel({ temperature: 3 })).toThrow(
      expect.objectContaining({ code: 'engine_settings' }),
    );
  });

  it('leaves an EngineError as it is', () => {
    const error = toEngineError(new TypeError('terminated'));
    expect(error).toMatchObject({ code: 'engine_unavailable', retryable: true });
    expect(toEngineError(error)).toBe(error);
  });
});
