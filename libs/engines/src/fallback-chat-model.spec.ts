import { describe, expect, it } from '@jest/globals';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { EngineError, type EngineErrorCode } from '@parley/ports';
import { askModel, eventually } from '@parley/testing';
import { SteppedChatModel, type ModelStep } from '@parley/testing/engines';
import { chainOf, used } from '../spec-support/fallback-chain.js';
import { FallbackChatModel } from './index.js';

const said = [new SystemMessage('be brief'), new HumanMessage('two coffees')];
const addItem = { type: 'function' as const, function: { name: 'add_item', description: 'Adds.', parameters: { type: 'object', properties: {} } } }; // prettier-ignore
const fails = (code: EngineErrorCode = 'engine_unavailable') => new EngineError(code, 'test', true);
const call = { call: { index: 0, id: 'x', name: 'add_item', args: '{"n":2}' } };

describe('FallbackChatModel before the first word', () => {
  it('asks the first model alone when it answers', async () => {
    const { model, models, told } = chainOf([[['Two ', 'coffees.', used(9)]], [['Never.']]]);
    const { words, whole } = await askModel(model, said);
    expect(words).toEqual(['Two ', 'coffees.']);
    expect(whole?.usage_metadata).toMatchObject({ input_tokens: 8, output_tokens: 1, total_tokens: 9 });
    expect(models[1]?.asked).toEqual([]);
    expect(told).toEqual(['a used 9', 'a succeeded']);
  });

  it.each<EngineErrorCode>([
    'engine_unavailable',
    'engine_rate_limited',
    'engine_timeout',
    'engine_busy',
    'engine_protocol',
    'engine_auth',
    'engine_quota',
    'engine_settings',
  ])('goes on to the next after %s', async (code) => {
    const { model, told } = chainOf([[[fails(code)]], [['Two.']]]);
    expect((await askModel(model, said)).whole?.text).toBe('Two.');
    expect(told).toEqual([`a failed: ${code}`, `a to b for ${code}`, 'b succeeded']);
  });

  it('hands on nothing of an answer that failed before it said anything, and counts its tokens', async () => {
    const { model, models, told } = chainOf([[['', used(7), fails()]], [['Two.', used(3)]]]);
    const { whole } = await askModel(model, said);
    expect(whole?.usage_metadata?.total_tokens).toBe(3);
    expect(models[1]?.asked[0]?.messages).toEqual(said);
    expect(told).toEqual(['a used 7', 'a failed: engine_unavailable', 'a to b for engine_unavailable', 'b used 3', 'b succeeded']); // prettier-ignore
  });

  it('does not ask another model about what the first one refused', async () => {
    const { model, models, told } = chainOf([[[fails('engine_input')]], [['Two.']]]);
    await expect(askModel(model, said)).rejects.toMatchObject({ code: 'engine_input' });
    expect(models[1]?.asked).toEqual([]);
    expect(told).toEqual(['a failed: engine_input']);
  });

  it('fails as the last model did when all do', async () => {
    const { model, told } = chainOf([[[fails('engine_timeout')]], [[fails('engine_quota')]]]);
    await expect(askModel(model, said)).rejects.toMatchObject({ name: 'EngineError', code: 'engine_quota' });
    expect(told.filter((what) => what.includes('failed'))).toHaveLength(2);
  });

  it('makes a coded error of whatever a model throws', async () => {
    const { model } = chainOf([[[new Error('secret')]]]);
    const asked = askModel(model, said);
    await expect(asked).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true });
    await expect(asked).rejects.not.toThrow('secret');
  });

  it.each([
    ['a', 'Two.', 'b'],
    ['ab', 'Three.', 'c'],
    ['abc', 'One.', 'a'],
  ])('leaves out those that are not healthy, unless all are: %s', async (open, expected, by) => {
    const { model, told } = chainOf([[['One.']], [['Two.']], [['Three.']]], { open });
    expect((await askModel(model, said)).whole?.text).toBe(expected);
    expect(told).toEqual([`${by} succeeded`]);
  });

  it('starts from the first model again with every answer', async () => {
    const { model, models } = chainOf([[[fails()], ['One.']], [['Two.']]]);
    expect((await askModel(model, said)).whole?.text).toBe('Two.');
    expect((await askModel(model, said)).whole?.text).toBe('One.');
    expect(models[1]?.asked).toHaveLength(1);
  });
});

describe('FallbackChatModel in the middle of an answer', () => {
  it('lets the next model go on exactly where the first one broke off', async () => {
    const { model, models, told } = chainOf([[['Two ', 'coffees', used(5), fails()]], [['are ', 'ready.', used(4)]]]);
    const { words, whole } = await askModel(model, said);
    expect(words.join('')).toBe('Two coffees are ready.');
    expect(whole?.usage_metadata?.total_tokens).toBe(9);
    const [system, human, ai, last] = models[1]?.asked[0]?.messages ?? [];
    expect([system, human]).toEqual(said);
    expect(ai).toMatchObject({ type: 'ai', content: 'Two coffees' });
    expect(last?.getType()).toBe('human');
    expect(last?.text).toMatch(/go on exactly there/i);
    expect(told).toEqual(['a used 5', 'a failed: engine_unavailable', 'a to b for engine_unavailable, mid', 'b used 4', 'b succeeded']); // prettier-ignore
  });

  it.each([
    ['Two', ' coffees.', 'Two coffees.'],
    ['Two ', 'coffees.', 'Two coffees.'],
    ['Two', ', then.', 'Two, then.'],
    ['Zwei', 'Äpfel', 'Zwei Äpfel'],
  ])('puts %p and %p together with one space at most', async (before, after, whole) => {
    const { model } = chainOf([[[before, fails()]], [[after]]]);
    expect((await askModel(model, said)).whole?.text).toBe(whole);
  });

  it('tells each further model of all that was said', async () => {
    const { model, models } = chainOf([[['One ', fails()]], [['two ', fails()]], [[fails()]], [['three.']]]);
    expect((await askModel(model, said)).whole?.text).toBe('One two three.');
    expect(models.map(({ asked }) => asked[0]?.messages[2]?.text)).toEqual([undefined, 'One ', 'One two ', 'One two ']);
  });

  it('lets the next model call tools, and gives them to it', async () => {
    const { model, models } = chainOf([[['One moment.', fails()]], [[call]]]);
    const { whole } = await askModel(model, said, { tools: [addItem] });
    expect(whole?.text).toBe('One moment.');
    expect(whole?.tool_calls).toMatchObject([{ id: 'x', name: 'add_item', args: { n: 2 } }]);
    expect(models.map(({ asked }) => asked[0]?.tools)).toEqual([[addItem], [addItem]]);
  });

  it('fails when a tool call has begun, and when there is no other model', async () => {
    const open = { call: { index: 0, id: 'x', name: 'add_item', args: '{"n"' } };
    const { model, models } = chainOf([[['Sure.', open, fails('engine_timeout')]], [['Never.']]]);
    await expect(askModel(model, said, { tools: [addItem] })).rejects.toMatchObject({ code: 'engine_timeout' });
    expect(models[1]?.asked).toEqual([]);
    const alone = chainOf([[['Two ', fails('engine_protocol')]]]);
    const words: string[] = [];
    const asked = askModel(alone.model, said, { onWord: (word) => words.push(word) });
    await expect(asked).rejects.toMatchObject({ code: 'engine_protocol' });
    expect(words).toEqual(['Two ']);
  });

  it('goes on with content that is not of one form', async () => {
    const blocks = new SteppedChatModel([['Two ', fails()]]);
    const stream = blocks._streamResponseChunks.bind(blocks);
    blocks._streamResponseChunks = async function* (...given) {
      for await (const chunk of stream(...given)) {
        chunk.message.content = [{ type: 'text', index: 0, text: chunk.text }];
        chunk.message.additional_kwargs = { model: 'vendor' };
        yield chunk;
      }
    };
    const next = new SteppedChatModel([['coffees.']]);
    const model = new FallbackChatModel({ entries: [{ provider: 'a', model: blocks }, { provider: 'b', model: next }] }); // prettier-ignore
    expect((await askModel(model, said)).whole?.text).toBe('Two coffees.');
  });
});

describe('FallbackChatModel and its caller', () => {
  const slow: ModelStep[] = ['Two ', { waitMs: 20_000 }, 'coffees.'];

  it.each([
    ['before the first word', [{ waitMs: 20_000 }, 'Two.'] as ModelStep[], {}],
    ['in the middle', slow, {}],
    ['while two models are asked', [{ waitMs: 20_000 }, 'Two.'] as ModelStep[], { hedgeAfterMs: 5 }],
  ])('asks nobody else when the caller aborts %s', async (_, steps, options) => {
    const { model, models, told } = chainOf([[steps], [[{ waitMs: 20_000 }]], [['Never.']]], options);
    const abort = new AbortController();
    const asked = askModel(model, said, { signal: abort.signal });
    await eventually(() => models['hedgeAfterMs' in options ? 1 : 0]?.asked.length, { what: 'request' });
    setTimeout(() => abort.abort(), 20);
    await expect(asked).rejects.toThrow(/abort/i);
    await eventually(() => models.every((each) => each.asked.every(({ wasAborted }) => wasAborted)), { what: 'end' });
    expect(models[2]?.asked).toEqual([]);
    expect(told).toEqual([]);
  });

  it('aborts the model when nobody reads on', async () => {
    const { model, models } = chainOf([[slow]]);
    for await (const _ of model._streamResponseChunks(said, {})) break;
    await eventually(() => models[0].asked[0]?.wasAborted, { what: 'end of the request' });
  });

  it('asks nobody for a caller who has gone before', async () => {
    const { model, models } = chainOf([[['Two.']]]);
    await expect(askModel(model, said, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(models[0].asked).toEqual([]);
  });

  it('gives a whole answer in one when it is asked for one', async () => {
    const { model } = chainOf([[['Two ', fails()]], [['coffees.', used(4)]]]);
    const answer = await model.invoke(said);
    expect(answer.text).toBe('Two coffees.');
    expect(answer.usage_metadata?.total_tokens).toBe(4);
  });

  it('tells whoever listens of each word once', async () => {
    const { model } = chainOf([[['Two ', fails()]], [['coffees.']]]);
    const words: string[] = [];
    const callbacks = [{ handleLLMNewToken: (word: string) => void words.push(word) }];
    for await (const _ of await model.stream(said, { callbacks })) continue;
    expect(words).toEqual(['Two ', 'coffees.']);
  });

  it('refuses a chain without models, and tools for a model that cannot call any', () => {
    const settings = expect.objectContaining({ code: 'engine_settings' });
    expect(() => new FallbackChatModel({ entries: [] })).toThrow(settings);
    const dumb = Object.assign(new SteppedChatModel([]), { bindTools: undefined });
    const model = new FallbackChatModel({ entries: [{ provider: 'a', model: dumb as unknown as SteppedChatModel }] });
    expect(() => model.bindTools([addItem])).toThrow(settings);
  });
});
