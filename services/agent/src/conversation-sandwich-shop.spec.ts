import { afterEach, describe, expect, it } from '@jest/globals';
import { sandwichShop, type Order } from '@parley/example-sandwich-shop';
import { createLocalModel } from '@parley/provider-local-model';
import { ConversationEngine, type Conversation } from './conversation.js';
import type { ReplyPart } from './conversation-run.js';

const engine = new ConversationEngine({ agent: sandwichShop, model: createLocalModel() });
const open: Conversation[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((conversation) => conversation.close()));
});

function caller() {
  const conversation = engine.open('s1');
  open.push(conversation);
  let reply = 0;
  return {
    conversation,
    async say(userText: string) {
      const parts: ReplyPart[] = [];
      const signal = new AbortController().signal;
      for await (const part of conversation.reply({ reply: ++reply, userText, signal })) parts.push(part);
      const done = parts.at(-1);
      if (done?.type !== 'done') throw new Error('the reply did not end with done');
      return { text: done.text, tools: parts.flatMap((part) => (part.type === 'tool_called' ? [part.tool] : [])) };
    },
    order: async () => (await conversation.snapshot()).state as Order,
  };
}

describe('a conversation with the sandwich shop', () => {
  it.each([
    [
      'as in a demonstration',
      [
        'what is on the menu',
        'i would like two turkey clubs and a soda please',
        'please add some chips and a coffee',
        'that is all please confirm my order',
      ],
    ],
    [
      'with punctuation and digits',
      [
        "What's on the menu?",
        "I'd like 2 Turkey Clubs and a Soda, please.",
        'Add Chips and a Coffee too.',
        "That's all.",
      ],
    ],
    ['all at once', ['hi can i get two turkey clubs a soda some chips and a coffee', 'no thank you']],
    [
      'as speech recognition hears it',
      [
        'hello',
        'could i get to turkey clubs',
        'and a soda',
        'what do you have for sides',
        'chips',
        'how much is the coffee',
        'yes please',
        'that will be all',
      ],
    ],
    [
      'with detours',
      [
        'uh',
        'two turkey clubs',
        'what is the weather',
        'do you have pizza',
        'one soda',
        'chips and coffee please',
        'how much is that',
        'yes',
      ],
    ],
  ])('ends in an order for $27, %s', async (_, utterances) => {
    const { say, order } = caller();
    let last = { text: '', tools: [] as string[] };
    for (const utterance of utterances) last = await say(utterance);
    expect(last.tools).toContain('confirm_order');
    expect(last.text).toContain('$27');
    const { lines, confirmed } = await order();
    expect(lines.map(({ item, quantity }) => [item, quantity]).sort()).toEqual([
      ['Chips', 1],
      ['Coffee', 1],
      ['Soda', 1],
      ['Turkey Club', 2],
    ]);
    expect(confirmed?.idempotencyKey).toBe(`s1:${utterances.length}:1`);
  });

  it('has the running total in the second turn', async () => {
    const { say } = caller();
    await say('what is on the menu');
    const { text, tools } = await say('i would like two turkey clubs and a soda please');
    expect(tools).toEqual(['add_to_order', 'add_to_order']);
    expect(text).toContain('$22');
  });

  it('goes on in another engine from the log', async () => {
    const first = caller();
    await first.say('two turkey clubs and a soda');
    const history = await first.conversation.snapshot();
    const other = new ConversationEngine({ agent: sandwichShop, model: createLocalModel() });
    const conversation = other.open('s1', JSON.parse(JSON.stringify(history)) as typeof history);
    const signal = new AbortController().signal;
    let text = '';
    for await (const part of conversation.reply({
      reply: 2,
      userText: 'add chips and a coffee and that is all',
      signal,
    }))
      if (part.type === 'done') text = part.text;
    expect(text).toContain('$27');
    await conversation.close();
  });

  it('keeps sessions apart', async () => {
    const [one, two] = [caller(), caller()];
    await Promise.all([one.say('two sodas'), two.say('a coffee')]);
    expect((await one.order()).lines).toEqual([{ item: 'Soda', quantity: 2 }]);
    expect((await two.order()).lines).toEqual([{ item: 'Coffee', quantity: 1 }]);
  });
});
