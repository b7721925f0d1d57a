import { afterEach, describe, expect, it } from '@jest/globals';
import { FallbackChatModel } from '@parley/engines';
import { EngineError, type LanguageModel } from '@parley/ports';
import { SteppedChatModel, type ModelStep } from '@parley/testing/engines';
import { closeConversations, keys, setUp } from '../spec-support/scripted-conversation.js';

afterEach(closeConversations);

const broken = new EngineError('engine_unavailable', 'test', true);
const usage = { usage: { input_tokens: 10, output_tokens: 2, total_tokens: 12 } };

function withChain(...answers: ModelStep[][][]) {
  const models = answers.map((steps) => new SteppedChatModel(steps));
  const entries = models.map((model, index) => ({ provider: `p${index}`, model }));
  const model: LanguageModel = {
    name: 'chain',
    capabilities: { streaming: true, tools: true },
    createChatModel: () => new FallbackChatModel({ entries }),
  };
  return { models, ...setUp([], { model }) };
}

describe('a conversation with a chain of models', () => {
  it('is one reply that two models made', async () => {
    const { reply, parts, models } = withChain([['Two ', 'coffees ', broken]], [['are ', 'ready.', usage]]);
    const done = await reply(1, 'hi');
    expect(done).toMatchObject({ text: 'Two coffees are ready.' });
    expect(parts.filter(({ type }) => type === 'token')).toHaveLength(4);
    expect(JSON.stringify(done)).toContain('10');
    expect(models[1]?.asked[0]?.messages.at(-1)?.getType()).toBe('human');
  });

  it('calls tools of whichever model asks for them, and goes back to the first', async () => {
    const call = { call: { index: 0, id: 'x', name: 'add', args: '{"n":2}' } };
    const { reply, models } = withChain([[broken], ['Now two.']], [[call, usage]]);
    expect(await reply(1, 'add two')).toMatchObject({ text: 'Now two.' });
    expect(keys).toEqual(['s1:1:1']);
    expect(models.map(({ asked }) => asked.length)).toEqual([2, 1]);
  });

  it('is stopped by an interruption, whichever model speaks', async () => {
    const { aborted, models } = withChain(
      [['Two ', broken]],
      [['coffees ', { waitMs: 20_000 }, 'never']],
      [['Never.']],
    );
    let count = 0;
    const error = await aborted(1, 'hi', 'token');
    for (const { asked } of models) count += asked.length;
    expect(error).toMatchObject({ code: 'engine_aborted' });
    expect(count).toBeLessThanOrEqual(2);
  });
});
