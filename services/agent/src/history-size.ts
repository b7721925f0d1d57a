import type { HistoryTurn, TurnState } from '@parley/session-log';

/** A token's length in most languages, about. */
const CHARACTERS_PER_TOKEN = 4;
/** The last turns are always shown as they were. */
const KEPT_TURNS = 4;
/** Turns from which on the oldest are summarised, however short they are: beyond 50 the model is shown no more. */
const MAX_TURNS = 40;

/** The part of a conversation that is to be summarised. */
export interface OldTurns {
  /** Reply of the last of them. */
  through: number;
  turns: readonly HistoryTurn[];
}

/** What the model is shown of a turn costs about so many tokens. Pure. */
export function tokensOf({ userText, replyText, sentences, toolCalls }: HistoryTurn): number {
  const tools = toolCalls.map(({ args, returned }) => JSON.stringify([args, returned?.result]));
  const texts = [userText, replyText || sentences.join(''), ...tools];
  return Math.ceil(texts.reduce((sum, text) => sum + text.length, 0) / CHARACTERS_PER_TOKEN);
}

/**
 * The oldest turns, when the conversation has grown beyond what the model is to be shown: so many that half of that is
 * left. Undefined when there is nothing to summarise. Pure.
 */
export function oldTurns({ history, summary }: TurnState, historyTokens: number): OldTurns | undefined {
  const sizes = history.map(tokensOf);
  let tokens = sizes.reduce((sum, size) => sum + size, 0);
  const isLong = tokens + (summary?.text.length ?? 0) / CHARACTERS_PER_TOKEN > historyTokens;
  if (!isLong && history.length <= MAX_TURNS) return undefined;
  let count = 0;
  const isEnough = () => tokens <= historyTokens / 2 && history.length - count <= MAX_TURNS / 2;
  for (; count < history.length - KEPT_TURNS && !isEnough(); count++) tokens -= sizes[count] ?? 0;
  const last = history[count - 1];
  return last && { through: last.reply, turns: history.slice(0, count) };
}
