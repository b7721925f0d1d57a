import { afterEach, describe, expect, it } from '@jest/globals';
import { closeConversations, hang, keys, setUp, type Call } from '../spec-support/scripted-conversation.js';

afterEach(closeConversations);

describe('a reply', () => {
  it('streams tokens, then tells the text, the time to the first token and the usage', async () => {
    const { reply, parts } = setUp([{ tokens: ['Hel', 'lo.'] }]);
    expect(await reply(1, 'hi')).toEqual({
      type: 'done',
      text: 'Hello.',
      ttftMs: expect.any(Number),
      usage: { inputTokens: 10, outputTokens: 2 },
    });
    expect(parts.slice(0, 2)).toEqual([
      { type: 'token', text: 'Hel' },
      { type: 'token', text: 'lo.' },
    ]);
  });

  it('makes parallel tool calls one after the other, each from the state of the one before', async () => {
    const { reply, parts, sent, conversation } = setUp([
      {
        tokens: ['Let me add.'],
        calls: [
          { id: 'a', name: 'add', args: { n: 1 } },
          { id: 'b', name: 'add', args: { n: 2 } },
        ],
      },
      { tokens: ['Three.'] },
    ]);
    expect(await reply(1, 'add one and two')).toMatchObject({ text: 'Let me add. Three.', usage: { inputTokens: 20 } });
    expect(parts.map(({ type }) => type)).toEqual([
      'token',
      'tool_called',
      'tool_returned',
      'tool_called',
      'tool_returned',
      'token',
      'done',
    ]);
    expect(parts[4]).toMatchObject({
      callId: 'r1c2',
      tool: 'add',
      ok: true,
      result: { count: 3 },
      state: { count: 3 },
    });
    expect(keys).toEqual(['s1:1:1', 's1:1:2']);
    expect(sent()).toEqual(['human: add one and two', 'ai: Let me add.', 'tool: {"count":1}', 'tool: {"count":3}']);
    expect((await conversation.snapshot()).state).toEqual({ count: 3 });
  });

  it('keeps the state and the history over turns', async () => {
    const { reply, sent } = setUp([
      { calls: [{ id: 'a', name: 'add', args: { n: 1 } }] },
      { tokens: ['One.'] },
      { calls: [{ id: 'b', name: 'add', args: { n: 1 } }] },
      { tokens: ['Two.'] },
    ]);
    await reply(1, 'add');
    await reply(2, 'again');
    expect(sent()).toEqual([
      'human: add',
      'ai: ',
      'tool: {"count":1}',
      'ai: One.',
      'human: again',
      'ai: ',
      'tool: {"count":2}',
    ]);
    expect(keys).toEqual(['s1:1:1', 's1:2:1']);
  });

  it.each<[string, Call, RegExp]>([
    ['wrong arguments', { id: 'a', name: 'add', args: { n: 'x' } }, /arguments are wrong.*expected number/],
    ['arguments that are no JSON', { id: 'a', name: 'add', args: '{"n": "\\u' }, /./],
    ['an unknown tool', { id: 'a', name: 'nope', args: {} }, /no tool "nope".*add/],
    ['a tool that throws', { id: 'a', name: 'fail', args: {} }, /out of bread/],
    ['a tool that never answers', { id: 'a', name: 'hang', args: {} }, /within 20 ms/],
    ['a result that is no JSON', { id: 'a', name: 'big', args: {} }, /tool failed/],
  ])('tells the model of %s and goes on', async (_, call, says) => {
    hang.mockImplementation(() => new Promise(() => undefined));
    const { reply, parts, sentMessages } = setUp([{ calls: [call] }, { tokens: ['Sorry.'] }]);
    expect(await reply(1, 'go')).toMatchObject({ type: 'done', text: 'Sorry.' });
    const returned = parts.find((part) => part.type === 'tool_returned');
    expect(returned).toMatchObject({ callId: 'r1c1', ok: false, result: { error: expect.stringMatching(says) } });
    expect(sentMessages().at(-1)).toMatchObject({ status: 'error', tool_call_id: 'r1c1' });
  });

  it.each([undefined, 'call_x7'])('numbers a call that the model gives the id %p', async (id) => {
    const call = { ...(id && { id }), name: 'add', args: { n: 1 } };
    const { reply, parts } = setUp([{ calls: [call] }, { calls: [call] }, { tokens: ['Ok.'] }]);
    await reply(3, 'go');
    expect(parts.flatMap((part) => (part.type === 'tool_called' ? [part.callId] : []))).toEqual(['r3c1', 'r3c2']);
  });

  it('takes the tools away when the model does nothing but call them', async () => {
    const call = { calls: [{ id: 'a', name: 'add', args: { n: 1 } }] };
    const { reply, hadTools } = setUp([call, call, { tokens: ['Enough.'] }], { maxToolRounds: 2 });
    expect(await reply(1, 'go')).toMatchObject({ text: 'Enough.' });
    expect(hadTools).toEqual([true, true, false]);
  });

  it('makes the model wait when nobody reads, and loses nothing', async () => {
    const tokens = Array.from({ length: 2000 }, (_, index) => `${index} `);
    const { conversation } = setUp([{ tokens }]);
    const iterator = conversation.reply({ reply: 1, userText: 'go', signal: new AbortController().signal });
    let text = '';
    for await (const part of iterator) {
      if (part.type === 'token') text += part.text;
      if (text.length < 500) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(text).toBe(tokens.join(''));
  });
});
