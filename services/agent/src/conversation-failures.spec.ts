import { afterEach, describe, expect, it } from '@jest/globals';
import { EngineError } from '@parley/ports';
import { closeConversations, keys, setUp, type Answer } from '../spec-support/scripted-conversation.js';

afterEach(closeConversations);

describe('a reply that goes wrong', () => {
  it.each<[string, Answer, object]>([
    ['the model fails', { fails: new Error('secret') }, { code: 'engine_unavailable', retryable: true }],
    ['the model fails with a code', { fails: new EngineError('engine_auth', 'x', false) }, { code: 'engine_auth' }],
    ['the model fails in the middle', { tokens: ['Hel'], fails: new Error('x') }, { code: 'engine_unavailable' }],
    ['the model answers nothing', {}, { code: 'engine_protocol' }],
  ])('throws an EngineError when %s, and the next one goes well', async (_, answer, expected) => {
    const { reply, sent } = setUp([answer, { tokens: ['Fine.'] }]);
    await expect(reply(1, 'hi')).rejects.toMatchObject({ name: 'EngineError', ...expected });
    expect(await reply(2, 'again')).toMatchObject({ text: 'Fine.' });
    expect(sent()).toEqual(['human: hi', expect.stringMatching(/^ai: (Hel )?—$/), 'human: again']);
  });

  it('is over at its deadline', async () => {
    const { reply } = setUp([{ tokens: ['Hm'], hangs: true }]);
    await expect(reply(1, 'hi', undefined, 20)).rejects.toMatchObject({ code: 'engine_timeout', retryable: true });
  });

  it('is over when a signal with a timeout fires', async () => {
    const { reply } = setUp([{ hangs: true }]);
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    await expect(reply(1, 'hi', signal)).rejects.toMatchObject({ code: 'engine_timeout' });
  });

  it('can be made again under the same number without repeating its tool calls', async () => {
    const { reply, sent } = setUp([
      { calls: [{ id: 'a', name: 'add', args: { n: 1 } }] },
      { fails: new Error('x') },
      { calls: [{ id: 'b', name: 'add', args: { n: 1 } }] },
      { tokens: ['Two.'] },
    ]);
    await expect(reply(1, 'add')).rejects.toThrow();
    expect(await reply(1, 'add')).toMatchObject({ text: 'Two.' });
    expect(keys).toEqual(['s1:1:1', 's1:1:2']);
    expect(sent()).toEqual(['human: add', 'ai: ', 'tool: {"count":1}', 'ai: ', 'tool: {"count":2}']);
  });
});
