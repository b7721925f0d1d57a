import { defineAgent, defineTool } from '@parley/ports';
import { z } from 'zod';

const menu = [
  { item: 'Green Tea', priceDollars: 3 },
  { item: 'Black Tea', priceDollars: 2 },
  { item: 'Scone', priceDollars: 4 },
];
const tool = defineTool();

const getMenu = tool({
  name: 'get_menu',
  idempotent: true,
  description: 'Lists what the stall sells with prices in dollars.',
  args: z.object({}),
  execute: () => ({ result: { menu } }),
});

const addToOrder = tool({
  name: 'add_to_order',
  idempotent: true,
  description: 'Adds one item to the order; answers with the order and its total in dollars.',
  args: z.object({ item: z.string(), quantity: z.number().int().min(1).max(20) }),
  execute: ({ item, quantity }, { state }) => {
    const found = menu.find((entry) => entry.item === item);
    if (!found) return { result: { error: `There is no "${item}" on the menu.` } };
    const order = [...state.order, { item, quantity }];
    const totalDollars = state.totalDollars + found.priceDollars * quantity;
    return { result: { order, totalDollars }, state: { order, totalDollars } };
  },
});

export const teaStall = defineAgent({
  name: 'tea-stall',
  instructions: 'You sell tea by voice. One or two short sentences, no markdown. Look prices up before you name them.',
  tools: [getMenu, addToOrder],
  initialState: { order: [], totalDollars: 0 },
});
