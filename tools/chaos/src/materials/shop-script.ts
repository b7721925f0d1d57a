import type { ScriptedTurn } from '../conversation-script.js';
import { createRandom } from '../random.js';

/** What is recorded of callers, what the shop answers to it, and the tools that this takes. */
export const CLIPS = {
  menu: { words: 'what is on the menu', tools: ['get_menu'] },
  order: { words: 'i would like two turkey clubs and a soda please', tools: ['add_to_order', 'add_to_order'] },
  add: { words: 'please add some chips and a coffee', tools: ['add_to_order', 'add_to_order'] },
  confirm: { words: 'that is all please confirm my order', tools: ['confirm_order'] },
} as const;

/** One of the recordings. */
export type ClipName = keyof typeof CLIPS;

const PRICES: Record<ClipName, number> = { menu: 0, order: 22, add: 5, confirm: 0 };
const CALLS: readonly (readonly ClipName[])[] = [
  ['menu', 'order', 'confirm'],
  ['order', 'add', 'confirm'],
  ['menu', 'order', 'add', 'confirm'],
];

/** What a caller of the sandwich shop says. */
export function scriptRealCall(seed: number, call: number): ScriptedTurn[] {
  const random = createRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(call, 0x85ebca6b));
  return random.pick(CALLS).map((name, index) => ({
    turn: index + 1,
    words: CLIPS[name].words,
    pauseMs: random.between(200, 900),
  }));
}

/** What the reply to the last of these turns has to say, whatever its wording. */
export function mustSay(words: readonly string[]): string[] {
  const names = words.map(clipNamed);
  const last = names.at(-1);
  const totalDollars = names.reduce((sum, name) => sum + (name ? PRICES[name] : 0), 0);
  if (last === 'menu') return ['Turkey Club', 'Veggie Wrap', 'Coffee'];
  return last === 'confirm' ? ['confirmed', `$${totalDollars}`, 'order number'] : [`$${totalDollars}`];
}

/** The recording of these words. */
export function clipNamed(words: string): ClipName | undefined {
  return (Object.keys(CLIPS) as ClipName[]).find((name) => CLIPS[name].words === words);
}
