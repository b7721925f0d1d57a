import { afterEach, describe, expect, it } from '@jest/globals';
import { closeConversations, keys, setUp } from '../spec-support/scripted-conversation.js';
import type { ConversationHistory } from './conversation-turns.js';

afterEach(closeConversations);

describe('the history', () => {
  it('holds what was heard, marked, with the tool calls', async () => {
    const { reply, conversation, sent } = setUp([
      { tokens: ['Adding.'], calls: [{ id: 'a', name: 'add', args: { n: 1 } }] },
      { tokens: ['That makes one. Anything else?'] },
      { tokens: ['Ok.'] },
    ]);
    await reply(1, 'add');
    conversation.amendReply(1, 'Adding. That');
    conversation.amendReply(1, 'Adding. That makes');
    await reply(2, 'stop');
    expect(sent()).toEqual(['human: add', 'ai: ', 'tool: {"count":1}', 'ai: Adding. That makes —', 'human: stop']);
  });

  it('is left alone when all was heard, and for a reply it does not know', async () => {
    const { reply, conversation, sent } = setUp([{ tokens: ['Hello  there. '] }, { tokens: ['Ok.'] }]);
    await reply(1, 'hi');
    conversation.amendReply(1, 'Hello there.');
    conversation.amendReply(9, 'x');
    await reply(2, 'go');
    expect(sent()).toEqual(['human: hi', 'ai: Hello  there. ', 'human: go']);
  });

  it('says so when nothing was heard', async () => {
    const { reply, conversation, sent } = setUp([{ tokens: ['Hello.'] }, { tokens: ['Ok.'] }]);
    await reply(1, 'hi');
    conversation.amendReply(1, '');
    await reply(2, 'go');
    expect(sent()).toEqual(['human: hi', 'ai: —', 'human: go']);
  });

  it('begins with the greeting', async () => {
    const { reply, conversation, sent } = setUp([{ tokens: ['Ok.'] }]);
    conversation.said(1, 'Welcome!');
    await reply(2, 'hi');
    expect(sent()).toEqual(['ai: Welcome!', 'human: hi']);
  });

  it('explains the mark in the system prompt', async () => {
    const { reply, sentMessages } = setUp([{ tokens: ['Ok.'] }]);
    await reply(1, 'hi');
    expect(sentMessages()[0]?.text).toMatch(/^Count\.\n\n.*ends with "—".*interrupted/);
  });

  it('drops the oldest whole turns beyond the limit, from the memory too', async () => {
    const { reply, sent, conversation } = setUp(
      Array.from({ length: 8 }, (_, index) => ({ tokens: [`${index + 1}.`] })),
      { maxTurns: 3 },
    );
    for (let index = 1; index <= 6; index++) await reply(index, `turn ${index}`);
    expect(sent()).toEqual(['human: turn 4', 'ai: 4.', 'human: turn 5', 'ai: 5.', 'human: turn 6']);
    expect((await conversation.snapshot()).turns).toHaveLength(3);
  });

  it('is rebuilt from the log, the state with it, and an unfinished reply goes on behind its calls', async () => {
    const history: ConversationHistory = {
      state: { count: 4 },
      turns: [
        { reply: 1, userText: '', replyText: 'Welcome!', interrupted: false, toolCalls: [] },
        { reply: 2, userText: 'one', replyText: 'I have', interrupted: true, toolCalls: [] },
        {
          reply: 3,
          userText: 'add four',
          replyText: '',
          interrupted: false,
          toolCalls: [{ callId: 'a', tool: 'add', args: { n: 4 }, ok: true, result: { count: 4 } }],
        },
      ],
    };
    const { reply, sent, conversation } = setUp(
      [{ calls: [{ id: 'b', name: 'add', args: { n: 1 } }] }, { tokens: ['Five.'] }],
      {},
      history,
    );
    expect(await conversation.snapshot()).toEqual(history);
    await reply(3, 'add four');
    expect(sent(0)).toEqual([
      'ai: Welcome!',
      'human: one',
      'ai: I have —',
      'human: add four',
      'ai: ',
      'tool: {"count":4}',
    ]);
    expect(keys).toEqual(['s1:3:2']);
    expect(await conversation.snapshot()).toMatchObject({
      state: { count: 5 },
      turns: [{}, {}, { replyText: 'Five.' }],
    });
  });
});
