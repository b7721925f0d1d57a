import type { WordTime } from '@parley/contracts';
import { spokenUpTo, writtenUpTo } from './spoken-words.js';

/** How far a reply was played: all sentences before this one, and this much of it. */
export interface HeardPosition {
  sentence: number;
  playedMs: number;
  /** Length of the sentence's voice, where it is known. */
  sentenceMs?: number | undefined;
}

/** What is known of a sentence's voice. */
export interface SentenceVoice {
  /** What was to be said, as text to speech was given it. */
  spoken: string;
  /** Its words, as far as their times are known; in order. */
  words: readonly WordTime[];
}

/** How long a character takes to say, where the length of the sentence's voice is unknown. */
const MS_PER_CHARACTER = 65;

/**
 * The words that were heard of a reply. Pure. A word counts as heard when all of it was played. Where the times of the
 * words reach as far as that they tell; behind them, and without any, the words are taken to be spread evenly over the
 * rest of the voice.
 * @param sentences as the model wrote them, spaces between them included
 * @param voice of the sentence that was being played
 */
export function heardText(
  sentences: readonly string[],
  position: HeardPosition | undefined,
  voice?: SentenceVoice,
): string {
  if (!position) return '';
  const whole = sentences.slice(0, position.sentence).join('');
  const current = sentences[position.sentence];
  if (current === undefined) return whole;
  const { playedMs, sentenceMs = Infinity } = position;
  if (sentenceMs > 0 && playedMs >= sentenceMs) return whole + current;
  return whole + (voice?.words.length ? heardByTimes(current, voice, position) : heardByShare(current, position));
}

/** Whether word times say how much of a sentence was heard, so that no further one changes it. Pure. */
export function isTold({ spoken, words }: SentenceVoice, { playedMs, sentenceMs = Infinity }: HeardPosition): boolean {
  if (playedMs >= sentenceMs || words.some(({ endMs }) => endMs > playedMs)) return true;
  return words.length > 0 && spokenUpTo(spoken, words) === spoken.length;
}

function heardByTimes(text: string, voice: SentenceVoice, position: HeardPosition): string {
  const { spoken, words } = voice;
  const { playedMs, sentenceMs } = position;
  const next = words.findIndex(({ endMs }) => endMs > playedMs);
  const told = next < 0 ? words : words.slice(0, next);
  const toldCharacters = spokenUpTo(spoken, told);
  if (next >= 0 || toldCharacters === spoken.length) return writtenUpTo(text, spoken, toldCharacters);
  const fromMs = told.at(-1)?.endMs ?? 0;
  const rest = spoken.length - toldCharacters;
  const restMs = sentenceMs === undefined ? rest * MS_PER_CHARACTER : sentenceMs - fromMs;
  const share = restMs > 0 ? Math.min(1, (playedMs - fromMs) / restMs) : 0;
  return writtenUpTo(text, spoken, toldCharacters + Math.floor(rest * share));
}

function heardByShare(text: string, { playedMs, sentenceMs }: HeardPosition): string {
  const lengthMs = sentenceMs ?? text.length * MS_PER_CHARACTER;
  const share = lengthMs > 0 ? Math.min(1, playedMs / lengthMs) : 0;
  if (share >= 1) return text;
  const heardCharacters = Math.floor(text.trimEnd().length * share);
  const cut = text.slice(0, heardCharacters + 1);
  return cut.slice(0, Math.max(0, cut.search(/\s\S*$/))).trimEnd();
}
