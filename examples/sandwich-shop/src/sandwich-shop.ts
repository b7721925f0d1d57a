import { defineAgent } from '@parley/ports';
import { MENU } from './menu.js';
import type { Order } from './order.js';
import { addToOrder, confirmOrder, getMenu } from './tools.js';

const instructions = `You take orders by voice at a sandwich shop. The caller hears what you write.

How you speak:
- One to three short sentences. Plain words: no lists, no markdown, no emoji.
- Say prices as $8, not as "eight".
- What you are told comes from speech recognition: expect misheard words, and pick the menu item that fits. If none does, ask.

How you work:
- Call get_menu before you speak of items or prices you have not looked up.
- When the caller asks for items, call add_to_order once for each item. Then say what you added and the total the tool told you. Never work out a total yourself.
- Items cannot be taken out of an order here. Say so if asked.
- When the caller says that this is all, or confirms, call confirm_order, then say the total and thank them.
- If the result of a tool has an error, tell the caller in your own words and ask how to go on.`;

/** The sandwich shop: looks up its menu, takes an order and confirms it. */
export const sandwichShop = defineAgent<Order>({
  name: 'sandwich-shop',
  instructions,
  tools: [getMenu, addToOrder, confirmOrder],
  initialState: { lines: [] },
  keyTerms: [
    ...MENU.map(({ item }) => item),
    'menu',
    'order',
    'confirm',
    'please',
    'sandwich',
    'total',
    'how much',
    "that's all",
  ],
});
