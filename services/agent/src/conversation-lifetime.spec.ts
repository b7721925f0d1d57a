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

  it('can be closed more than once, and is used no more then', async () => {
    const { reply, conversation } = setUp([{ tokens: ['Ok.'] }]);
    await reply(1, 'hi');
    await conversation.close();
    await conversation.close();
    await expect(reply(2, 'hi')).rejects.toEqual(code('conversation_closed'));
    expect(() => conversation.amendReply(1, 'x')).toThrow(code('conversation_closed'));
  });

  it('aborts the reply being made when it is closed', async () => {
    const { conversation } = setUp([{ tokens: ['A'], hangs: true }]);
    const first = conversation.reply({ reply: 1, userText: 'one', signal: new AbortController().signal });
    await first.next();
    await conversation.close();
    await expect(first.next()).rejects.toMatchObject({ code: 'engine_closed' });
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
