import { isAIMessage, isHumanMessage, isToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { MenuEntry } from './menu-mentions.js';
import type { Counted } from './wording.js';

/** A call made in the conversation, and what came back. */
export interface PastCall {
  tool: string;
  args: Record<string, unknown>;
  /** The tool's answer as JSON; undefined while it is not there or is no JSON object. */
  result?: Record<string, unknown>;
}

/** Everything the model knows: what stands in its messages. */
export interface Knowledge {
  /** What the caller said last; undefined when they have not said anything. */
  utterance?: string;
  /** What the model said before that. */
  lastReply: string;
  /** Calls made before the last utterance, and since. */
  earlier: PastCall[];
  turn: PastCall[];
  menu: MenuEntry[];
  order: Counted[];
  totalDollars?: number;
  /** The order stands confirmed. */
  confirmed: boolean;
}

/** Reads the conversation. */
export function knowledgeOf(messages: readonly BaseMessage[]): Knowledge {
  const lastHuman = messages.findLastIndex((message) => isHumanMessage(message));
  const earlier = callsIn(messages.slice(0, Math.max(lastHuman, 0)));
  const turn = callsIn(messages.slice(Math.max(lastHuman, 0)));
  const calls = [...earlier, ...turn];
  const spoken = messages.slice(0, Math.max(lastHuman, 0)).findLast((message) => isAIMessage(message) && message.text);
  const orderCall = calls.findLast(({ result }) => Array.isArray(result?.order));
  return {
    utterance: messages[lastHuman]?.text,
    lastReply: spoken?.text ?? '',
    earlier,
    turn,
    menu: menuIn(calls) ?? menuInPrompt(messages),
    order: countedIn(orderCall?.result?.order),
    totalDollars: numberUnder(orderCall?.result, /^total/),
    confirmed: orderCall?.result?.confirmed === true,
  };
}

function callsIn(messages: readonly BaseMessage[]): PastCall[] {
  const results = new Map<string, Record<string, unknown> | undefined>();
  for (const message of messages) if (isToolMessage(message)) results.set(message.tool_call_id, objectIn(message.text));
  return messages.flatMap((message) =>
    isAIMessage(message)
      ? (message.tool_calls ?? []).map(({ id, name, args }) => ({ tool: name, args, result: results.get(id ?? '') }))
      : [],
  );
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (json && typeof json === 'object')
      return Array.isArray(json) ? { list: json } : (json as Record<string, unknown>);
  } catch {
    // A tool may answer in prose, which this model does not read.
  }
  return undefined;
}

/** The newest list of things with prices and without quantities: a menu, not an order. */
function menuIn(calls: readonly PastCall[]): MenuEntry[] | undefined {
  for (const { result } of [...calls].reverse())
    for (const value of Object.values(result ?? {})) {
      const entries = entriesIn(value);
      if (entries.length > 0) return entries;
    }
  return undefined;
}

function entriesIn(value: unknown): MenuEntry[] {
  if (!Array.isArray(value)) return [];
  return (value as Record<string, unknown>[]).flatMap((entry) => {
    const item = entry?.item ?? entry?.name;
    const priceDollars = numberUnder(entry, /^(price|cost)/);
    return typeof item === 'string' && priceDollars !== undefined && entry.quantity === undefined
      ? [{ item, priceDollars }]
      : [];
  });
}

/** "BLT $8, Turkey Club $10": taken for a menu from three on. */
function menuInPrompt(messages: readonly BaseMessage[]): MenuEntry[] {
  const prompt = messages.find((message) => message.getType() === 'system')?.text ?? '';
  const found = [...prompt.matchAll(/([A-Z][\w ]{1,30}?)[ :(–-]{1,3}\$(\d+(?:\.\d\d)?)/g)];
  if (found.length < 3) return [];
  return found.map(([, item = '', price]) => ({ item: item.trim(), priceDollars: Number(price) }));
}

function countedIn(value: unknown): Counted[] {
  if (!Array.isArray(value)) return [];
  return (value as Record<string, unknown>[]).flatMap(({ item, quantity }) =>
    typeof item === 'string' && typeof quantity === 'number' ? [{ item, quantity }] : [],
  );
}

function numberUnder(object: Record<string, unknown> | undefined, key: RegExp): number | undefined {
  const entry = Object.entries(object ?? {}).find(([name, value]) => key.test(name) && typeof value === 'number');
  return entry?.[1] as number | undefined;
}
