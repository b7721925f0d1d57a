import { describe, expect, it } from '@jest/globals';
import {
  AIMessageChunk,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type BaseMessage,
  type ToolCall,
} from '@langchain/core/messages';
import { concat } from '@langchain/core/utils/stream';
import { createLocalModel } from './index.js';

const PRICES: Record<string, number> = {
  BLT: 8,
  'Turkey Club': 10,
  'Veggie Wrap': 9,
  Chips: 2,
  Soup: 4,
  Soda: 2,
  Coffee: 3,
};

const tools = [
  tool('get_menu', {}),
  tool('add_to_order', { item: { type: 'string' }, quantity: { type: 'number' } }),
  tool('confirm_order', { order_summary: { type: 'string' } }),
];

function tool(name: string, properties: Record<string, { type: string }>) {
  return {
    type: 'function' as const,
    function: { name, description: name, parameters: { type: 'object', properties } },
  };
}

/** A shop with a tool loop around the model, as small as can be. */
function conversation(bound = tools) {
  const model = createLocalModel().createChatModel({}).bindTools!(bound);
  const messages: BaseMessage[] = [new SystemMessage('You take orders. Say prices as $8.')];
  const order = new Map<string, number>();
  let broken = false;
  const summary = () => ({
    order: [...order].map(([item, quantity]) => ({ item, quantity, priceDollars: PRICES[item] })),
    totalDollars: [...order].reduce((total, [item, quantity]) => total + quantity * (PRICES[item] ?? 0), 0),
  });
  const run = ({ name, args }: ToolCall) => {
    if (broken) return { error: 'the kitchen is on fire' };
    if (name === 'get_menu')
      return { menu: Object.entries(PRICES).map(([item, priceDollars]) => ({ item, priceDollars })) };
    if (name === 'confirm_order') return { confirmed: true, ...summary() };
    order.set(args.item as string, (order.get(args.item as string) ?? 0) + (args.quantity as number));
    return { added: args, ...summary() };
  };
  return {
    order: () => Object.fromEntries(order),
    break: (now = true) => (broken = now),
    async say(text: string) {
      messages.push(new HumanMessage(text));
      const called: string[] = [];
      for (let round = 0; round < 6; round++) {
        let answer: AIMessageChunk | undefined;
        for await (const chunk of await model.stream(messages))
          answer = answer ? concat(answer, chunk as AIMessageChunk) : (chunk as AIMessageChunk);
        if (!answer) throw new Error('the model was silent');
        messages.push(answer);
        if (!answer.tool_calls?.length) return { text: answer.text, called };
        for (const call of answer.tool_calls) {
          called.push(call.name);
          messages.push(
            new ToolMessage({ content: JSON.stringify(run(call)), tool_call_id: call.id!, name: call.name }),
          );
        }
      }
      throw new Error('the model never spoke');
    },
  };
}

describe('local model', () => {
  it('takes an order over several turns', async () => {
    const { say, order } = conversation();
    expect((await say('what is on the menu')).text).toMatch(/BLT for \$8.*Coffee for \$3/);
    expect((await say('i would like two turkey clubs and a soda please')).text).toBe(
      'Two Turkey Clubs and a Soda, got it. Your total is $22. Anything else?',
    );
    expect((await say('please add some chips and a coffee')).text).toMatch(
      /Chips and a Coffee, got it\. Your total is \$27/,
    );
    const { text, called } = await say('that is all please confirm my order');
    expect(called).toEqual(['confirm_order']);
    expect(text).toMatch(/confirmed: two Turkey Clubs, a Soda, Chips and a Coffee\. Your total is \$27/);
    expect(order()).toEqual({ 'Turkey Club': 2, Soda: 1, Chips: 1, Coffee: 1 });
  });

  it('looks the menu up first, then adds several items by parallel calls', async () => {
    const { called } = await conversation().say('two soups and a coffee');
    expect(called).toEqual(['get_menu', 'add_to_order', 'add_to_order']);
  });

  it.each<[string, Record<string, number>]>([
    ['two turkey clubs', { 'Turkey Club': 2 }],
    ['hi can i get two turkey club sandwiches and a soda please', { 'Turkey Club': 2, Soda: 1 }],
    ['a couple of sodas', { Soda: 2 }],
    ['a couple sodas and half a dozen coffees', { Soda: 2, Coffee: 6 }],
    ['i will have a b l t', { BLT: 1 }],
    ['b l t', { BLT: 1 }],
    ['three b l ts and one soup', { BLT: 3, Soup: 1 }],
    ["I'd like 3 BLTs, a Coffee and some chips.", { BLT: 3, Coffee: 1, Chips: 1 }],
    ['give me a bee el tea', { BLT: 1 }],
    ['two veggie raps', { 'Veggie Wrap': 2 }],
    ['one veggy wrap and a turkey glub', { 'Veggie Wrap': 1, 'Turkey Club': 1 }],
    ['veggie wrap times three', { 'Veggie Wrap': 3 }],
    ['a wrap and two turkeys', { 'Veggie Wrap': 1, 'Turkey Club': 2 }],
    ['i would like to turkey clubs please', { 'Turkey Club': 2 }],
    ['for sodas', { Soda: 4 }],
    ['twenty one coffees', { Coffee: 21 }],
    ['can i get a cup of coffee and a bowl of soup', { Coffee: 1, Soup: 1 }],
    ['two large coffees', { Coffee: 2 }],
    ['a soda and another soda', { Soda: 2 }],
    ['ships and a so duh', { Chips: 1 }],
    ['please add some chips and coffee', { Chips: 1, Coffee: 1 }],
    ['yes i would also like a soup', { Soup: 1 }],
    ['no just a coffee please', { Coffee: 1 }],
    ['coffee', { Coffee: 1 }],
    ['10 sodas', { Soda: 10 }],
    ['i need to order a soda', { Soda: 1 }],
    ['i want to add a soup to my order', { Soup: 1 }],
    ['could i have the turkey club', { 'Turkey Club': 1 }],
    ['a soup and two sodas to take away', { Soup: 1, Soda: 2 }],
  ])('understands the order "%s"', async (utterance, expected) => {
    const { say, order } = conversation();
    const { text } = await say(utterance);
    expect(text).not.toBe('');
    expect(order()).toEqual(expected);
  });

  it.each([
    ['how much is the soup', /The Soup is \$4/],
    ['what does a b l t cost', /The BLT is \$8/],
    ['how much are two turkey clubs', /two Turkey Clubs would be \$20/],
    ['what is the price of the chips and a soda', /Chips are \$2.*Soda is \$2/],
    ['do you have soup', /Yes, we have Soup for \$4/],
    ['do you have any pizza', /do not have pizza.*BLT/],
    ['i would like a pizza', /do not have pizza/],
    ['what do you have', /BLT for \$8/],
    ['what sandwiches have you got', /BLT for \$8/],
    ["what's on the menu?", /BLT for \$8/],
    ['tell me the menu please', /BLT for \$8/],
    ['what do you recommend', /BLT/],
    ['can i order a sandwich', /which one/],
    ['i would like to order', /which one|What would you like/],
    ['hello', /Hello/],
    ['hi there how are you', /Hello/],
    ['thank you', /welcome/],
    ['goodbye', /Goodbye/],
    ['what is the weather in paris', /did not get that/],
    ['mumble flurb', /did not get that/],
    ['', /did not get that/],
    ['...', /did not get that/],
    ['no thanks', /All right/],
    ['yes', /What would you like/],
    ['what is my total', /not ordered anything/],
    ['that is all', /not ordered anything/],
  ])('answers "%s" without ordering anything', async (utterance, expected) => {
    const { say, order } = conversation();
    expect((await say(utterance)).text).toMatch(expected);
    expect(order()).toEqual({});
  });

  it.each([
    ["that's all"],
    ['that is it thank you'],
    ['thats everything'],
    ['no that will be all'],
    ['confirm my order'],
    ['please conform the order'],
    ['yes please confirm'],
    ['no thank you'],
    ['no'],
    ['nothing else thanks'],
    ['i am done'],
    ['go ahead and place the order'],
    ['that will be all thanks bye'],
  ])('confirms the order on "%s"', async (utterance) => {
    const { say } = conversation();
    await say('two turkey clubs');
    const { text, called } = await say(utterance);
    expect(called).toEqual(['confirm_order']);
    expect(text).toMatch(/\$20/);
  });

  it.each([
    ['what is the total', /\$20.*Shall I confirm/],
    ['how much is that', /\$20/],
    ['how much do i owe you', /\$20/],
    ['what did i order', /two Turkey Clubs.*\$20/],
    ['read my order back', /two Turkey Clubs/],
    ['is that all', /two Turkey Clubs/],
    ['remove the turkey club', /cannot take things out/],
    ['take one turkey club off', /cannot take things out/],
    ['cancel my order', /cannot take things out/],
    ['say that again please', /I said: Two Turkey Clubs/],
  ])('answers "%s" about the order and leaves it alone', async (utterance, expected) => {
    const { say, order } = conversation();
    await say('two turkey clubs');
    const { text, called } = await say(utterance);
    expect(text).toMatch(expected);
    expect(called).toEqual([]);
    expect(order()).toEqual({ 'Turkey Club': 2 });
  });

  it('adds and confirms in one turn, the confirmation after the additions', async () => {
    const { called, text } = await conversation().say('one soup and a soda and that is all');
    expect(called).toEqual(['get_menu', 'add_to_order', 'add_to_order', 'confirm_order']);
    expect(text).toMatch(/\$6/);
  });

  it('does not take "go ahead and add" for a confirmation', async () => {
    const { called } = await conversation().say('go ahead and add one soda');
    expect(called).toEqual(['get_menu', 'add_to_order']);
  });

  it('confirms after the total when the caller says yes, and only once', async () => {
    const { say } = conversation();
    await say('two sodas');
    await say('what is the total');
    expect((await say('yes please')).called).toEqual(['confirm_order']);
    const { text, called } = await say('confirm my order');
    expect(called).toEqual([]);
    expect(text).toMatch(/confirmed already/);
  });

  it('adds what it offered when the caller takes it', async () => {
    const { say, order } = conversation();
    await say('how much is the soup');
    await say('yes two please');
    expect(order()).toEqual({ Soup: 2 });
    await say('another one');
    expect(order()).toEqual({ Soup: 3 });
  });

  it('asks what else after "anything else" and yes', async () => {
    const { say } = conversation();
    await say('two sodas');
    expect((await say('yes')).text).toMatch(/What would you like/);
  });

  it('says when a tool failed, and tries again when asked', async () => {
    const shop = conversation();
    await shop.say('menu please');
    shop.break();
    expect((await shop.say('two sodas')).text).toMatch(/could not add Soda.*try again/);
    shop.break(false);
    await shop.say('yes');
    expect(shop.order()).toEqual({ Soda: 2 });
  });

  it('does not take orders without the tools', async () => {
    const { say } = conversation([]);
    expect((await say('two sodas please')).text).toMatch(/did not get that|cannot/);
  });

  it('gives the same answer to the same messages, streamed or not', async () => {
    const model = createLocalModel().createChatModel({}).bindTools!(tools);
    const messages = [new HumanMessage('what is on the menu')];
    let streamed: AIMessageChunk | undefined;
    for await (const chunk of await model.stream(messages))
      streamed = streamed ? concat(streamed, chunk as AIMessageChunk) : (chunk as AIMessageChunk);
    const whole = await model.invoke(messages);
    expect(streamed?.tool_calls).toEqual(whole.tool_calls);
    expect(streamed?.usage_metadata).toMatchObject(whole.usage_metadata!);
  });

  it('streams word by word, and stops when aborted', async () => {
    const abort = new AbortController();
    const words: string[] = [];
    const stream = async () => {
      const model = createLocalModel().createChatModel({});
      for await (const chunk of await model.stream([new HumanMessage('hello')], { signal: abort.signal })) {
        words.push(chunk.text);
        if (words.length === 2) abort.abort();
      }
    };
    await expect(stream()).rejects.toThrow();
    expect(words).toEqual(['Hello! ', 'What ']);
  });
});
