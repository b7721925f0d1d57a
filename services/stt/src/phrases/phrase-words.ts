import { ENGLISH } from './english.js';

/**
 * What tells of one language whether somebody has finished speaking: lower-case words and phrases. A phrase counts at
 * the end of what was said, and the longest that stands there decides.
 */
export interface PhraseWords {
  /** After these nothing is waited for. */
  readonly complete: readonly string[];
  /** After these something must come. */
  readonly trailing: readonly string[];
  /** Longer phrases that end as one of the others does and tell nothing. */
  readonly open: readonly string[];
  /** Beginnings of words that always need another: `it's`. */
  readonly contractions: RegExp;
  /** Words that may stand before a question, and are passed over. */
  readonly leadIns: ReadonlySet<string>;
  /** First words of a question that is no matter of yes or no. */
  readonly questionWords: ReadonlySet<string>;
  /** Verbs that stand before their subject in a question. */
  readonly auxiliaries: ReadonlySet<string>;
  /** Of them those that another verb must follow. */
  readonly helpers: ReadonlySet<string>;
  /** What the subject of a question begins with. */
  readonly subjects: ReadonlySet<string>;
  readonly pronouns: ReadonlySet<string>;
  /** Prepositions that end a question: `what is it for`. */
  readonly stranded: ReadonlySet<string>;
  /** Words that a short answer begins with: `yes I do`. */
  readonly answers: ReadonlySet<string>;
  /** Words of a number that is said digit by digit. */
  readonly digits: ReadonlySet<string>;
  /** Words before a digit that say it again, and how many times: `double five`. */
  readonly multiples: ReadonlyMap<string, number>;
  /** What a number is said to be: "my number is five" has begun one. */
  readonly numberNames: ReadonlySet<string>;
}

const LANGUAGES: Readonly<Record<string, PhraseWords>> = { en: ENGLISH };

/** The words of a language by its tag (`en`, `en-GB`); undefined for one without a list. */
export function phraseWordsOf(language: string): PhraseWords | undefined {
  return LANGUAGES[language.toLowerCase().split(/[-_]/u, 1)[0] as string];
}
