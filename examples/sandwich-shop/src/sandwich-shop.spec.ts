import { describe, expect, it } from '@jest/globals';
import type { ToolResult } from '@parley/ports';
import { sandwichShop, type Order } from './index.js';

/** Calls tools one after the other, as the agent stage does: each is given the state the last one left. */
function shop(start: Order = sandwichShop.initialState) {
  let state = start;
  let calls = 0;
  return {
    state: () => state,
    async call(name: string, args: Record<string, unknown> = {}, idempotencyKey = `s:1:${++calls}`) {
      const tool = sandwichShop.tools.find((candidate) => candidate.name === name);
      if (!tool) throw new Error(`no tool ${name}`);
      const context = { sessionId: 's', state, idempotencyKey, signal: new AbortController().signal };
      const answer: ToolResult<Order> = await tool.execute(tool.args.parse(args), context);
      if (answer.state) state = answer.state;
      return answer.result as Record<string, unknown>;
    },
  };
}

describe('sandwich shop', () => {
  it('lists every item with its price', async () => {
    const { menu } = (await shop().call('get_menu')) as { menu: { item: string; priceDollars: number }[] };
    expect(Object.fromEntries(menu.map(({ item, priceDollars }) => [item, priceDollars]))).toEqual({
      BLT: 8,
      'Turkey Club': 10,
      'Veggie Wrap': 9,
      Chips: 2,
      Soup: 4,
      Soda: 2,
      Coffee: 3,
    });
  });

  it('keeps the order over several calls and answers with the running total', async () => {
    const { call, state } = shop();
    expect(await call('add_to_order', { item: 'Turkey Club', quantity: 2 })).toMatchObject({ totalDollars: 20 });
    expect(await call('add_to_order', { item: 'Soda', quantity: 1 })).toMatchObject({ totalDollars: 22 });
    expect(await call('add_to_order', { item: 'turkey clubs', quantity: 1 })).toMatchObject({ totalDollars: 32 });
    expect(state().lines).toEqual([
      { item: 'Turkey Club', quantity: 3 },
      { item: 'Soda', quantity: 1 },
    ]);
  });

  it.each([
    ['pizza', 1, /no "pizza" on the menu.*BLT, Turkey Club/],
    ['Soup', 0, /not a whole number.*Ask how many Soup/],
    ['Soup', -2, /not a whole number/],
    ['Soup', 1.5, /not a whole number/],
    ['Soup', 5000, /not a whole number from 1 to 50/],
  ])('tells the model what to do about %s × %s, and adds nothing', async (item, quantity, says) => {
    const { call, state } = shop({ lines: [{ item: 'Chips', quantity: 1 }] });
    const result = await call('add_to_order', { item, quantity });
    expect(result.error).toMatch(says);
    expect(result.totalDollars).toBe(2);
    expect(state().lines).toEqual([{ item: 'Chips', quantity: 1 }]);
  });

  it('does not change the state it was given', async () => {
    const start: Order = Object.freeze({ lines: Object.freeze([]) as unknown as [] });
    await shop(start).call('add_to_order', { item: 'BLT', quantity: 1 });
    expect(start.lines).toHaveLength(0);
  });

  it('does not confirm an empty order', async () => {
    const { call, state } = shop();
    expect((await call('confirm_order', { order_summary: '' })).error).toMatch(/empty/);
    expect(state().confirmed).toBeUndefined();
  });

  it('confirms once: the same key again gives the same answer, another key no second order', async () => {
    const { call, state } = shop({ lines: [{ item: 'BLT', quantity: 2 }] });
    const first = await call('confirm_order', { order_summary: '2 BLT' }, 's:3:1');
    expect(first).toMatchObject({ confirmed: true, totalDollars: 16 });
    const number = first.orderNumber;
    expect(await call('confirm_order', { order_summary: '2 BLT' }, 's:3:1')).toMatchObject({ orderNumber: number });
    const other = await call('confirm_order', { order_summary: '2 BLT' }, 's:4:1');
    expect(other).toMatchObject({ orderNumber: number, note: expect.stringContaining('not placed twice') });
    expect(state().confirmed).toEqual({ orderNumber: number, idempotencyKey: 's:3:1' });
  });

  it('gives a lost call the same order number when it is made again from the state before', async () => {
    const before: Order = { lines: [{ item: 'BLT', quantity: 1 }] };
    const first = await shop(before).call('confirm_order', { order_summary: 'x' }, 's:3:1');
    const second = await shop(before).call('confirm_order', { order_summary: 'x' }, 's:3:1');
    expect(second.orderNumber).toBe(first.orderNumber);
  });

  it('wants a new confirmation when something is added after one', async () => {
    const { call, state } = shop({ lines: [{ item: 'BLT', quantity: 1 }] });
    await call('confirm_order', { order_summary: '1 BLT' });
    await call('add_to_order', { item: 'Soda', quantity: 1 });
    expect(state().confirmed).toBeUndefined();
    expect(await call('confirm_order', { order_summary: '1 BLT, 1 Soda' })).toMatchObject({ totalDollars: 10 });
  });
});
