import { afterEach, describe, expect, it } from '@jest/globals';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { LanguageModel } from '@parley/ports';
import { agent, closeConversations, ScriptedChatModel, setUp } from '../spec-support/scripted-conversation.js';
import type { ConversationError } from './conversation-error.js';
import { ConversationEngine } from './conversation.js';

afterEach(closeConversations);

describe('a conversation', () => {
  const code = (expected: ConversationError['code']) =>
    expect.objectContaining({ name: 'ConversationError', code: expected });

  it('makes one reply at a time', async () => {
    const { conversation, reply } = setUp([{ tokens: ['A'], hangs: true }]);
    const first = conversation.reply({ reply: 1, userText: 'one', signal: new AbortController().signal });
    await first.next();
    await expect(reply(2, 'two')).rejects.toEqual(code('conversation_busy'));
    await first.return();
  });

  it.each([
    [2, ' '],
    [0, 'x'],
    [1.5, 'x'],
    [1, 'x'],
  ])('refuses reply %p to %j after reply 2', async (number, text) => {
    const { reply } = setUp([{ tokens: ['A.'] }]);
    await reply(2, 'one');
    await expect(reply(number, text)).rejects.toEqual(code('conversation_input'));
  });

  it('keeps one checkpoint however long it is, and none when it is closed', async () => {
    const { engine, reply, conversation } = setUp(Array.from({ length: 30 }, () => ({ tokens: ['Ok.'] })));
    for (let index = 1; index <= 30; index++) await reply(index, 'hi');
    expect(engine.openConversations).toBe(1);
    expect(engine.keptCheckpoints).toBe(1);
    await conversation.close();
    await conversation.close();
    expect(engine.openConversations).toBe(0);
    await expect(reply(31, 'hi')).rejects.toEqual(code('conversation_closed'));
    expect(() => conversation.amendReply(1, 'x')).toThrow(code('conversation_closed'));
  });

  it('aborts the reply being made when it is closed', async () => {
    const { engine, conversation } = setUp([{ tokens: ['A'], hangs: true }]);
    const first = conversation.reply({ reply: 1, userText: 'one', signal: new AbortController().signal });
    await first.next();
    await conversation.close();
    await expect(first.next()).rejects.toMatchObject({ code: 'engine_closed' });
    expect(engine.openConversations).toBe(0);
  });

  it('needs a model that can call tools when the agent has some', () => {
    const model: LanguageModel = {
      name: 'mute',
      capabilities: { streaming: true, tools: false },
      createChatModel: () =>
        Object.assign(new ScriptedChatModel([]), { bindTools: undefined }) as unknown as BaseChatModel,
    };
    expect(() => new ConversationEngine({ agent, model })).toThrow(
      expect.objectContaining({ code: 'engine_settings' }),
    );
  });
});
