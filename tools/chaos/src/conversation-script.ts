import { ECHO_REPLY, type ScriptedRule } from '@parley/testing/engines';
import { createRandom } from './random.js';

/** One turn of a caller, as it is planned. */
export interface ScriptedTurn {
  /** From 1. */
  turn: number;
  /** What is said: words that no other turn of the run says. */
  words: string;
  /** The argument that the agent calls its tool with in answer to it. */
  note?: string;
  /** The next turn is said over this one's reply, after so much of it was heard. */
  interruptAfterMs?: number;
  /** Silence before it is said. */
  pauseMs: number;
}

/** What a call says, from first to last turn. Pure: seed and ordinal of the call determine it. */
export function scriptCall(seed: number, call: number): ScriptedTurn[] {
  const random = createRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(call, 0x85ebca6b));
  const count = random.between(2, 5);
  return Array.from({ length: count }, (_, index) => {
    const turn = index + 1;
    const name = `call c${call} turn t${turn} word w${Math.floor(random.next() * 2 ** 24).toString(16)}`;
    const notes = random.chance(0.35);
    const note = `k${call}x${turn}`;
    const interrupts = random.chance(0.25) && turn < count;
    const interruptAfterMs = random.between(800, 3000);
    const pauseMs = random.between(200, 900);
    return {
      turn,
      words: notes ? `note ${note} for ${name}` : name,
      ...(notes && { note }),
      ...(interrupts && { interruptAfterMs }),
      pauseMs,
    };
  });
}

const NOTED = 'note (k\\w+) for call (c\\d+) turn (t\\d+)';
const SAID = 'call (c\\d+) turn (t\\d+)';
/** Behind the first sentence, with the call's and the turn's names. */
const REST = ' This is more about {1} {2}. And that was all for {1} {2}.';

/** What the agent's scripted model answers; {@link replyTo} says the same from outside. */
export const AGENT_RULES: readonly ScriptedRule[] = [
  {
    when: NOTED,
    calls: [{ tool: 'note', args: { key: '{1}' } }],
    then: `I noted {1}.${REST.replaceAll('{2}', '{3}').replaceAll('{1}', '{2}')}`,
  },
  { when: SAID, reply: `I heard {text}.${REST}` },
];

/** The reply that these words get; words that were not understood are said back. */
export function replyTo(words: string): string {
  const noted = new RegExp(NOTED, 'u').exec(words);
  const [, call = '', turn = ''] = new RegExp(SAID, 'u').exec(words) ?? [];
  const rest = REST.replaceAll('{1}', call).replaceAll('{2}', turn);
  if (!call) return ECHO_REPLY.replace('{text}', words);
  return noted ? `I noted ${noted[1]}.${rest}` : `I heard ${words}.${rest}`;
}

/** The note that these words ask for; undefined for none. */
export function noteIn(words: string): string | undefined {
  return new RegExp(NOTED, 'u').exec(words)?.[1];
}

/** Names of calls that stand in a text, such as `c17`. */
export function callsNamedIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\b(c\d+)\b/gu)].map(([, name]) => name as string))];
}
