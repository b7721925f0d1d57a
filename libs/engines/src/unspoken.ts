import type { WordTime } from '@parley/contracts';

/** Speech takes about so long for each character, where nothing better is known; in ms. */
const MS_PER_CHARACTER = 65;

/** What was heard of a text before its engine failed. */
export interface Spoken {
  /** Audio that was given out, in ms. */
  ms: number;
  /** Words that the engine timed, in the text's order. */
  words: readonly WordTime[];
}

/**
 * What is left to be said: from the first word on that was not heard to its end. By the engine's word times where it gave
 * them, else by how long the audio is.
 */
export function unspokenOf(text: string, { ms, words }: Spoken): string {
  if (ms <= 0) return text;
  const starts = [...text.matchAll(/\S+/gu)].map(({ index }) => index);
  const heard = words.filter(({ endMs }) => endMs <= ms).length;
  // Times of words that came before their audio tell where it broke off; without them its length has to do.
  const next = words.length > 0 ? starts[heard] : starts.find((at) => at >= Math.floor(ms / MS_PER_CHARACTER));
  return next === undefined ? '' : text.slice(next);
}
