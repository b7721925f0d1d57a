import { countedArgs, intentOf, isSmallTalk, type Intent } from './intent.js';
import type { Knowledge, PastCall } from './knowledge.js';
import type { Mention } from './menu-mentions.js';
import { fillArgs, type BoundTool, type ShopTools } from './tool-schema.js';
import { capitalised, counted, dollars, listed } from './wording.js';

/** What the model does next: calls tools, or speaks. */
export type Move = { calls: { tool: string; args: Record<string, unknown> }[] } | { text: string };

/** Decides what to do next from what is known. Never answers with nothing. */
export function nextMove(known: Knowledge, tools: ShopTools): Move {
  if (known.utterance === undefined) return { text: 'Hello! What can I get for you?' };
  const menuUnknown = known.menu.length === 0 && !isSmallTalk(known.utterance);
  if (menuUnknown && tools.menu && !isMade(tools.menu, known)) return call(tools.menu, [fillArgs(tools.menu, '')]);
  const intent = intentOf(known);
  if (intent.kind === 'add') return adding(intent, known, tools);
  if (intent.kind === 'confirm') return confirming(known, tools);
  return { text: answer(intent, known, tools) };
}

function adding(intent: Extract<Intent, { kind: 'add' }>, known: Knowledge, tools: ShopTools): Move {
  const { add, confirm } = tools;
  if (!add) return { text: 'Sorry, I cannot take orders here. Is there anything else I can help you with?' };
  const made = known.turn.filter(({ tool }) => tool === add.function.name);
  if (made.length === 0)
    return call(
      add,
      intent.items.map(({ item, quantity }) => fillArgs(add, item, quantity)),
    );
  const failed = made.filter(isFailed);
  if (intent.thenConfirm && failed.length === 0 && confirm) return confirming(known, tools);
  return { text: added(made, failed, known) };
}

function added(made: readonly PastCall[], failed: readonly PastCall[], known: Knowledge): string {
  const inOrder = made.filter((past) => !isFailed(past)).flatMap(({ args }) => countedArgs(args));
  const trouble = failed.flatMap(({ args }) => countedArgs(args)).map(({ item }) => item);
  const sentences = [
    inOrder.length > 0 && `${capitalised(listed(inOrder.map(counted)))}, got it.`,
    trouble.length > 0 && `Sorry, I could not add ${listed(trouble)}.`,
    total(known),
    trouble.length > 0 ? 'Shall I try again?' : 'Anything else?',
  ];
  return sentences.filter(Boolean).join(' ');
}

function confirming(known: Knowledge, tools: ShopTools): Move {
  const { confirm } = tools;
  if (!confirm) return { text: 'Sorry, I cannot confirm orders here. Anything else?' };
  const made = known.turn.find(({ tool }) => tool === confirm.function.name);
  if (made && isFailed(made)) return { text: 'Sorry, I could not confirm that. Shall I try to confirm it once more?' };
  if (made) return { text: confirmed(made, known) };
  if (known.order.length === 0) return { text: 'You have not ordered anything yet. What would you like?' };
  if (known.confirmed) return { text: `Your order is confirmed already. ${total(known)} Thank you!` };
  const summary = known.order.map(({ item, quantity }) => `${quantity} ${item}`).join(', ');
  return call(confirm, [fillArgs(confirm, summary)]);
}

function confirmed({ result }: PastCall, known: Knowledge): string {
  const items = known.order.length > 0 ? `: ${listed(known.order.map(counted))}` : '';
  const number = typeof result?.orderNumber === 'number' ? ` It is order number ${result.orderNumber}.` : '';
  return `Your order is confirmed${items}. ${total(known)}${number} Thank you!`;
}

function answer(intent: Intent, known: Knowledge, tools: ShopTools): string {
  switch (intent.kind) {
    case 'menu':
      return `${menuText(known)} What would you like?`;
    case 'prices':
      return `${intent.mentions.map(priceText).join(' ')} Would you like ${oneOrSome(intent.mentions)}?`;
    case 'available':
      return `Yes, we have ${listed(intent.mentions.map(({ item, priceDollars }) => `${item} for ${dollars(priceDollars)}`))}. Would you like ${oneOrSome(intent.mentions)}?`;
    case 'not_on_menu':
      return `Sorry, we do not have ${intent.wanted || 'that'}. ${menuText(known)} What would you like?`;
    case 'total':
      if (known.order.length === 0) return 'You have not ordered anything yet. What would you like?';
      return known.confirmed
        ? `${total(known)} Your order is confirmed.`
        : `${total(known)} Shall I confirm the order?`;
    case 'read_back':
      if (known.order.length === 0) return 'You have not ordered anything yet. What would you like?';
      return `You have ${listed(known.order.map(counted))}. ${total(known)} Anything else?`;
    case 'change':
      return 'Sorry, I cannot take things out of an order or change it here, I can only add to it. Anything else?';
    case 'more':
      return tools.add ? 'Sure. What would you like?' : 'Sure. What can I do for you?';
    case 'declined':
      return known.order.length > 0 && !known.confirmed
        ? 'All right. Anything else, or shall I confirm the order?'
        : 'All right. Just tell me when you need something.';
    case 'which':
      return `Sure, which one would you like? ${menuText(known)}`;
    case 'recommend':
      return known.menu[0]
        ? `Many people start with the ${known.menu[0].item} for ${dollars(known.menu[0].priceDollars)}. Would you like one?`
        : 'I would be happy with anything here. What would you like?';
    case 'repeat':
      return known.lastReply ? `I said: ${known.lastReply}` : 'I have not said anything yet. What can I get for you?';
    case 'greeting':
      return 'Hello! What can I get for you?';
    case 'thanks':
      return known.confirmed ? 'You are welcome. Enjoy your meal!' : 'You are welcome. Anything else?';
    case 'goodbye':
      return 'Goodbye, and have a nice day!';
    default:
      return unclear(known, tools);
  }
}

function unclear(known: Knowledge, tools: ShopTools): string {
  if (!tools.add) return 'Sorry, I did not get that. Could you say it in other words?';
  return known.order.length > 0
    ? 'Sorry, I did not get that. Would you like something else from the menu, or shall I confirm your order?'
    : 'Sorry, I did not get that. You can ask for the menu, or tell me what you would like.';
}

function menuText({ menu }: Knowledge): string {
  if (menu.length === 0) return 'I cannot see the menu right now.';
  return `We have ${listed(menu.map(({ item, priceDollars }) => `${item} for ${dollars(priceDollars)}`))}.`;
}

function priceText({ item, priceDollars, quantity }: Mention): string {
  const verb = item.endsWith('s') ? 'are' : 'is';
  const many = quantity > 1 ? `, so ${counted({ item, quantity })} would be ${dollars(priceDollars * quantity)}` : '';
  return `The ${item} ${verb} ${dollars(priceDollars)}${many}.`;
}

function oneOrSome(mentions: readonly Mention[]): string {
  return mentions.length > 1 || mentions[0]?.item.endsWith('s') ? 'some' : 'one';
}

function total({ totalDollars }: Knowledge): string {
  return totalDollars === undefined ? '' : `Your total is ${dollars(totalDollars)}.`;
}

function isFailed({ result }: PastCall): boolean {
  return result === undefined || typeof result.error === 'string';
}

function isMade(tool: BoundTool, { turn }: Knowledge): boolean {
  return turn.some((past) => past.tool === tool.function.name);
}

function call(tool: BoundTool, args: Record<string, unknown>[]): Move {
  return { calls: args.map((each) => ({ tool: tool.function.name, args: each })) };
}
