import { createHash } from 'node:crypto';
import { defineTool } from '@parley/ports';
import { z } from 'zod';
import { findItem, MENU } from './menu.js';
import { pricedLines, totalDollars, withMore, type Order } from './order.js';

/** The most of one item that one call may add. */
export const MAX_QUANTITY = 50;

const itemNames = MENU.map(({ item }) => item).join(', ');
const tool = defineTool<Order>();

/** Tells what the shop sells. */
export const getMenu = tool({
  name: 'get_menu',
  idempotent: true,
  description: 'Lists every item the shop sells with its price in dollars.',
  args: z.object({}),
  execute: () => ({ result: { menu: MENU } }),
});

/** Puts items into the caller's order. */
export const addToOrder = tool({
  name: 'add_to_order',
  idempotent: true,
  description:
    'Adds one item to the order, and answers with the whole order and its total in dollars. ' +
    'Call it once for each different item the caller asks for.',
  args: z.object({
    item: z.string().describe(`The item as it stands on the menu: ${itemNames}.`),
    quantity: z.number().describe(`How many to add: a whole number from 1 to ${MAX_QUANTITY}.`),
  }),
  execute: ({ item, quantity }, { state }) => {
    const found = findItem(item);
    if (!found)
      return refused(`There is no "${item}" on the menu. Offer what there is: ${itemNames}. Nothing was added.`, state);
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > MAX_QUANTITY)
      return refused(
        `${quantity} is not a whole number from 1 to ${MAX_QUANTITY}. Ask how many ${found.item} the caller wants. Nothing was added.`,
        state,
      );
    const order = withMore(state, found.item, quantity);
    return { result: { added: { item: found.item, quantity }, ...summary(order) }, state: order };
  },
});

/** Sends the caller's order to the kitchen. */
export const confirmOrder = tool({
  name: 'confirm_order',
  idempotent: true,
  description: 'Confirms the order as it stands. Call it when the caller says that this is all or confirms.',
  args: z.object({ order_summary: z.string().describe('The order in words, for example "2 Turkey Club, 1 Soda".') }),
  execute: ({ order_summary }, { state, idempotencyKey }) => {
    if (state.lines.length === 0)
      return refused('The order is empty. Ask the caller what they would like first. Nothing was confirmed.', state);
    if (state.confirmed) {
      const again = state.confirmed.idempotencyKey !== idempotencyKey;
      return { result: confirmation(state, state.confirmed.orderNumber, again) };
    }
    const orderNumber = orderNumberOf(idempotencyKey);
    const order: Order = { lines: state.lines, confirmed: { orderNumber, idempotencyKey } };
    return { result: { ...confirmation(order, orderNumber, false), order_summary }, state: order };
  },
});

function summary(order: Order) {
  return { order: pricedLines(order), totalDollars: totalDollars(order) };
}

function refused(error: string, order: Order) {
  return { result: { error, ...summary(order) } };
}

function confirmation(order: Order, orderNumber: number, again: boolean) {
  return {
    confirmed: true,
    orderNumber,
    ...summary(order),
    ...(again && { note: 'This order was confirmed before; it was not placed twice.' }),
  };
}

/** The same call gives the same number, so that a retried call cannot place a second order. */
function orderNumberOf(idempotencyKey: string): number {
  return 100 + (createHash('sha256').update(idempotencyKey).digest().readUInt32BE() % 900);
}
