/** One word of a turn; times in ms of the audio sent. */
export interface TurnWord {
  text: string;
  startMs: number;
  endMs: number;
  confidence: number | undefined;
  /** It will not change. */
  isFinal: boolean;
}

/** All that is understood of one turn so far. */
export interface Turn {
  /** Counts up; the same in every message of a turn. */
  order: number;
  isOver: boolean;
  isFormatted: boolean;
  transcript: string;
  words: readonly TurnWord[];
  /** How sure the provider is that the turn is over, 0 to 1. */
  overConfidence: number | undefined;
}

/**
 * Reads a `Turn` message. Fields that are not known are passed over.
 * @returns undefined for one that is none
 */
export function readTurn(message: object): Turn | undefined {
  const { turn_order: order, end_of_turn: isOver, transcript, words = [] } = message as Record<string, unknown>;
  const { turn_is_formatted: isFormatted, end_of_turn_confidence: confidence } = message as Record<string, unknown>;
  if (!Number.isSafeInteger(order) || typeof isOver !== 'boolean' || typeof transcript !== 'string') return undefined;
  if (!Array.isArray(words)) return undefined;
  const read = words.map(readWord);
  if (!read.every((word) => word !== undefined)) return undefined;
  const overConfidence = probability(confidence);
  return { order: order as number, isOver, isFormatted: isFormatted === true, transcript, words: read, overConfidence };
}

function readWord(word: unknown): TurnWord | undefined {
  const { text, start, end, confidence, word_is_final: isFinal } = (word ?? {}) as Record<string, unknown>;
  if (typeof text !== 'string' || !Number.isFinite(start) || !Number.isFinite(end)) return undefined;
  const [startMs, endMs] = [start as number, end as number];
  return { text, startMs, endMs, confidence: probability(confidence), isFinal: isFinal === true };
}

function probability(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : undefined;
}

/**
 * What was said in a turn.
 * @param leavesOutUnsettled the transcript lacks the words that may change: so it is with Universal-Streaming
 */
export function textOf(
  { transcript, words }: Turn,
  leavesOutUnsettled: boolean,
): { text: string; stableChars: number } {
  const settled = transcript.trim();
  const isLacking = leavesOutUnsettled || settled === '';
  const rest = isLacking
    ? words.filter(({ isFinal }) => !isFinal || settled === '').map(({ text }) => text.trim())
    : [];
  const text = [settled, ...rest].filter(Boolean).join(' ');
  return { text, stableChars: leavesOutUnsettled ? settled.length : 0 };
}

/** How sure the provider is of the words, on the average; undefined where it does not say. */
export function confidenceOf({ words }: Turn): number | undefined {
  const known = words.flatMap(({ confidence }) => confidence ?? []);
  return known.length > 0 ? known.reduce((sum, each) => sum + each, 0) / known.length : undefined;
}
