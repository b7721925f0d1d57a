import type { Answerer } from '@parley/contracts';
import { answerPhrasesOf } from './answer-phrases.js';
import { wordsOf } from './backchannel.js';

/** How the first turn of somebody who was called was said. */
export interface FirstSpeech {
  language: string;
  /** How long was spoken in it, without its pauses. */
  spokenMs: number;
}

/** People who answer a telephone and ask nothing are done sooner. */
const LONG_SPEECH_MS = 5000;
/** So few words are no more than a sign of life, whatever they are: a name, or "yes?". */
const FEW_WORDS = 3;
/** Most words that still are no more than that when somebody says hello or who it is. */
const HELLO_WORDS = 8;

/**
 * Who says this, as the first turn of somebody who was called. In doubt it is a person: speaking to a machine is a smaller
 * harm than hanging up on somebody. Pure.
 */
export function answererOf(text: string, { language, spokenMs }: FirstSpeech): Exclude<Answerer, 'nobody'> {
  if (isMachineFor(text, language)) return 'machine';
  const phrases = answerPhrasesOf(language);
  const said = spaced(text, language);
  if (text.includes('?') || (phrases && has(phrases.question, said))) return 'person';
  if (phrases && has(phrases.either, said)) return 'machine';
  return spokenMs >= LONG_SPEECH_MS ? 'machine' : 'person';
}

/** Whether words tell by themselves that a machine speaks, also when it has not come to its end. Pure. */
export function isMachineFor(text: string, language: string): boolean {
  const phrases = answerPhrasesOf(language);
  return phrases !== undefined && has(phrases.machine, spaced(text, language));
}

/** Whether somebody says no more than to be there ("hello?", "yes?", a name), so that the other side is to speak. Pure. */
export function isHello(text: string, language: string): boolean {
  const count = wordsOf(text).length;
  if (count <= FEW_WORDS) return true;
  const phrases = answerPhrasesOf(language);
  return count <= HELLO_WORDS && phrases !== undefined && has(phrases.hello, spaced(text, language));
}

/** In lower case without marks, and without what says nothing of who speaks. */
function spaced(text: string, language: string): string {
  const words = wordsOf(text.replaceAll('’', "'")).join(' ');
  const phrases = answerPhrasesOf(language);
  return phrases ? words.replace(phrases.person, ' ') : words;
}

function has(pattern: RegExp, text: string): boolean {
  return text.search(pattern) >= 0;
}
