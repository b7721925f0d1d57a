import { phraseWordsOf, type PhraseWords } from './phrase-words.js';

/** How what was said ends: as if all was said, as if more must come, or without telling. */
export type PhraseEnd = 'complete' | 'trailing' | 'open';

/** Digits of the longest telephone number that is waited for; one that has as many may be over. */
const MOST_DIGITS = 10;
/** A question without an object is none yet. */
const LEAST_QUESTION_WORDS = 3;
/** How far into a question its verb may stand: "what kind of bread do you have". */
const QUESTION_VERB_WITHIN = 5;

/**
 * Judges the end of what was said, by punctuation where there is any and by the language's list of words. Pure. Without a
 * list, only what is the same in every language counts: a mark of question or exclamation, a comma, dots.
 * @param said final transcripts of the turn, in order
 * @param language tag such as `en-GB`
 */
export function phraseEndOf(said: readonly string[], language: string): PhraseEnd {
  const text = said.join(' ').trim();
  if (/[?!？！؟]$/u.test(text)) return 'complete';
  if (/(?:[,;:،、，—–-]|\.\.|…)$/u.test(text)) return 'trailing';
  const known = phraseWordsOf(language);
  if (!known) return 'open';
  const tokens = tokensOf(lastSentence(text));
  if (tokens.length === 0) return 'open';
  const question = questionAt(tokensOf(lastSentence(said.at(-1) ?? '')), known) ?? questionAt(tokens, known);
  const judged = dictated(tokensOf(text), known) ?? answered(tokens, known) ?? fixedEnd(tokens, question, known);
  if (judged) return judged;
  if (known.contractions.test(tokens.at(-1) as string)) return 'trailing';
  if (known.pronouns.has(tokens.at(-1) as string) && known.helpers.has(tokens.at(-2) ?? '')) return 'trailing';
  return question || /[.。]$/u.test(text) ? 'complete' : 'open';
}

/** Engines that punctuate end every final with a full stop; what stands before it says nothing of the end. */
function lastSentence(text: string): string {
  return text.split(/[.?!。？！]+(?:\s+|$)/u).findLast((sentence) => sentence.trim() !== '') ?? '';
}

function tokensOf(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase().replace(/[‘’]/gu, "'");
  return plain.match(/[\p{L}\p{N}]+(?:'\p{L}+)*/gu) ?? [];
}

/** A number of which digits were said one by one, or in groups, also as sentences of their own: more are to come. */
function dictated(tokens: readonly string[], known: PhraseWords): PhraseEnd | undefined {
  let digits = 0;
  let from = tokens.length;
  for (; from > 0; from--) {
    const token = tokens[from - 1] as string;
    if (/^\d+$/u.test(token)) digits += token.length;
    else if (known.digits.has(token)) digits += 1;
    else if (known.multiples.has(token)) digits += known.multiples.get(token) as number;
    else break;
  }
  const groups = tokens.length - from;
  const isNamed =
    known.auxiliaries.has(tokens[from - 1] ?? '') &&
    tokens.slice(Math.max(0, from - 3), from).some((token) => known.numberNames.has(token));
  if (groups === 0 || (groups === 1 && !isNamed)) return undefined;
  return digits < MOST_DIGITS ? 'trailing' : 'open';
}

/** "Yes I do" ends with a word that a sentence would go on after. */
function answered(tokens: readonly string[], known: PhraseWords): PhraseEnd | undefined {
  const [first = '', subject = '', verb = ''] = tokens;
  const isAnswer = tokens.length === 3 && known.answers.has(first) && known.subjects.has(subject);
  return isAnswer && known.auxiliaries.has(verb) ? 'complete' : undefined;
}

function fixedEnd(
  tokens: readonly string[],
  question: Question | undefined,
  known: PhraseWords,
): PhraseEnd | undefined {
  const found = longestEnd(tokens, endsOf(known));
  if (found?.end !== 'trailing' || question?.kind !== 'word') return found?.end;
  // What must go on as a statement may end a question: "what kind of bread do you have", "who is it for".
  const isStranded = known.stranded.has(tokens.at(-1) ?? '') && known.subjects.has(tokens.at(-2) ?? '');
  const isWhole = question.length >= LEAST_QUESTION_WORDS;
  return isWhole && (isStranded || found.length > 1) ? 'complete' : 'trailing';
}

interface Question {
  /** Begins with a question word, or with its verb. */
  kind: 'word' | 'verb';
  /** In words. */
  length: number;
}

/** The question that the words are, after what may stand before one. */
function questionAt(tokens: readonly string[], known: PhraseWords): Question | undefined {
  const from = tokens.findIndex((token) => !known.leadIns.has(token));
  if (from < 0) return undefined;
  const [first = '', second = '', ...rest] = tokens.slice(from);
  const length = tokens.length - from;
  if (length < LEAST_QUESTION_WORDS) return undefined;
  if (known.auxiliaries.has(first) && known.subjects.has(second)) return { kind: 'verb', length };
  if (!known.questionWords.has(first)) return undefined;
  const near = [second, ...rest].slice(0, QUESTION_VERB_WITHIN);
  const isAsked = first.includes("'") || near.some((token) => known.auxiliaries.has(token));
  // "What I want is", "when I called": the subject stands before the verb.
  return isAsked && !known.pronouns.has(second) ? { kind: 'word', length } : undefined;
}

type Ends = ReadonlyMap<string, PhraseEnd>;
const ends = new WeakMap<PhraseWords, Ends>();

function endsOf(known: PhraseWords): Ends {
  const made =
    ends.get(known) ??
    new Map<string, PhraseEnd>(
      (['complete', 'trailing', 'open'] as const).flatMap((end) => known[end].map((phrase) => [phrase, end] as const)),
    );
  ends.set(known, made);
  return made;
}

const MOST_PHRASE_WORDS = 5;

function longestEnd(tokens: readonly string[], known: Ends): { end: PhraseEnd; length: number } | undefined {
  for (let length = Math.min(MOST_PHRASE_WORDS, tokens.length); length > 0; length--) {
    const end = known.get(tokens.slice(-length).join(' '));
    if (end) return { end, length };
  }
  return undefined;
}
