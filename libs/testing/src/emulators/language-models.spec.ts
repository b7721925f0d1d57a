import { afterEach, describe, expect, it } from '@jest/globals';
import { SteppedChatModel } from '../engines/index.js';
import { startAnthropicEmulator, startAzureEmulator, startOpenAiEmulator, type Emulator } from './index.js';

const words = new SteppedChatModel([['Grüße ', 'aus ', 'Köln ', '🙂 ', 'und ', 'Bonn.']]);
const hi = { role: 'user', content: 'hi' };
const called = { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'add', arguments: '{}' } }] }; // prettier-ignore

let emulator: Emulator;
afterEach(() => emulator.stop());

function post(path: string, headers: Record<string, string>, body: unknown) {
  return fetch(emulator.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** The events of an answer; and that they came in pieces which part in the middle of characters. */
async function eventsOf(response: Response): Promise<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const isWhole = (piece: Uint8Array) => {
    try {
      return decoder.decode(piece) !== undefined;
    } catch {
      return false;
    }
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) pieces.push(piece);
  expect(pieces.length).toBeGreaterThan(6);
  expect(pieces.every(isWhole)).toBe(false);
  const text = Buffer.concat(pieces).toString();
  expect(text).toContain('\n\n: keep-alive\n\n');
  return text.split('\n\n').filter((event) => event !== '' && !event.startsWith(':'));
}

describe('emulated OpenAI', () => {
  const key = { authorization: 'Bearer k' };
  const ask = (body: object, headers: Record<string, string> = key) =>
    post('/v1/chat/completions', headers, { model: 'm', messages: [hi], ...body });

  it('streams deltas, the usage when it is asked for it, and the end', async () => {
    emulator = await startOpenAiEmulator({ model: words });
    const events = await eventsOf(await ask({ stream: true, stream_options: { include_usage: true } }));
    expect(events[0]).toContain('"role":"assistant"');
    expect(events.at(-3)).toContain('"finish_reason":"stop"');
    expect(events.at(-2)).toMatch(/"choices":\[\],"usage":\{"prompt_tokens":\d+,"completion_tokens":6/);
    expect(events.at(-1)).toBe('data: [DONE]');
  });

  it('gives a whole answer without a stream', async () => {
    emulator = await startOpenAiEmulator({ model: words });
    const answer = (await (await ask({})).json()) as object;
    expect(answer).toMatchObject({ choices: [{ message: { content: 'Grüße aus Köln 🙂 und Bonn.' }, finish_reason: 'stop' }] }); // prettier-ignore
  });

  it.each([
    ['no key', {}, {}, 401],
    ['no messages', { messages: [] }, key, 400],
    ['a tool call without its result', { messages: [hi, called, hi] }, key, 400],
    ['a result without its tool call', { messages: [hi, { role: 'tool', tool_call_id: 'b', content: '' }] }, key, 400],
    ['the wrong limit for a reasoning model', { model: 'o3', max_tokens: 5 }, key, 400],
    ['no temperature', { temperature: 3 }, key, 400],
  ])('refuses a request with %s', async (_, body, headers, status) => {
    emulator = await startOpenAiEmulator({ model: words });
    const response = await ask(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
  });
});

describe('emulated Azure', () => {
  const path = '/openai/deployments/voice/chat/completions';
  const ask = (to: string, headers: Record<string, string> = { 'api-key': 'k' }) =>
    post(to, headers, { model: 'voice', messages: [hi], stream: true });

  it('begins with a chunk without choices', async () => {
    emulator = await startAzureEmulator({ model: words });
    const [first, second] = await eventsOf(await ask(`${path}?api-version=2024-10-21`));
    expect(first).toContain('"choices":[],"prompt_filter_results":[');
    expect(second).toContain('content_filter_results');
  });

  it.each([
    ['without a key', `${path}?api-version=2024-10-21`, {}, 401],
    ['without a version', path, undefined, 404],
    ['to a deployment that is none', '/openai/deployments/x/chat/completions?api-version=2024-10-21', undefined, 404],
  ])('refuses a request %s', async (_, to, headers, status) => {
    emulator = await startAzureEmulator({ model: words });
    expect((await ask(to, headers)).status).toBe(status);
  });
});

describe('emulated Anthropic', () => {
  const key = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' };
  const ask = (body: object, headers: Record<string, string> = key) =>
    post('/v1/messages', headers, { model: 'm', max_tokens: 9, stream: true, messages: [hi], ...body });

  it('streams blocks between the beginning and the end of a message', async () => {
    emulator = await startAnthropicEmulator({ model: words });
    const names = (await eventsOf(await ask({}))).map((event) => /^event: (\S+)\n/.exec(event)?.[1]);
    expect(names.slice(0, 4)).toEqual(['message_start', 'ping', 'content_block_start', 'content_block_delta']);
    expect(names.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
  });

  it.each([
    ['no key', {}, { 'anthropic-version': '2023-06-01' }, 401, 'authentication_error'],
    ['no version', {}, { 'x-api-key': 'k' }, 400, 'invalid_request_error'],
    ['no limit', { max_tokens: undefined }, key, 400, 'invalid_request_error'],
    ['no messages', { messages: [] }, key, 400, 'invalid_request_error'],
    ['the last word for the model', { messages: [hi, { role: 'assistant', content: 'a' }] }, key, 400, 'invalid_request_error'], // prettier-ignore
    ['an empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, key, 400, 'invalid_request_error'], // prettier-ignore
  ])('refuses a request with %s', async (_, body, headers, status, type) => {
    emulator = await startAnthropicEmulator({ model: words });
    const response = await ask(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type } });
  });
});
