/**
 * What a full stop behind a word means: `never` ends a sentence, only `number`s make it go on, or it ends one when a
 * `capital` follows. Where unsure a sentence goes on: two sentences in one breath sound better than half of one.
 */
export type Abbreviation = 'never' | 'number' | 'capital';

const NEVER = new Set(
  (
    'mr mrs ms mx dr prof st mt messrs mme gen col capt lt sgt cmdr rev hon gov sen rep pres fr vs viz cf ca approx ' +
    'e.g i.e u.s u.k ph.d m.d b.a m.a inc ltd co corp jr sr bros dept univ ave blvd rd hwy apt ft'
  ).split(' '),
);
const NUMBER = new Set(
  'no nos fig figs vol vols p pp ch art sec par tel ext ref eq ver v jan feb mar apr jun jul aug sep sept oct nov dec'.split(
    ' ',
  ),
);
const CAPITAL = new Set('etc a.m p.m al min max est ed resp incl excl oz lb lbs kg km cm mm sq'.split(' '));
/** As ordinary words these end sentences; written so, they are abbreviations. */
const ONLY_CAPITALISED = new Set('st mt gen col fr rev hon rep pres co art mar jun sec no'.split(' '));
const ONLY_LOWER = new Set('ed al max est'.split(' '));

/** The kind of abbreviation that the stop at `at` belongs to; undefined when it ends an ordinary word. */
export function abbreviationAt(text: string, at: number): Abbreviation | undefined {
  const word = /[\p{L}\p{N}.]*$/u.exec(text.slice(Math.max(0, at - 24), at))?.[0] ?? '';
  if (word === '') return undefined;
  // "J. R. R. Tolkien"; "I" ends many a sentence.
  if (/^\p{Lu}$/u.test(word) && word !== 'I') return 'never';
  const lower = word.toLowerCase();
  const capitalised = word !== lower;
  if (capitalised ? ONLY_LOWER.has(lower) : ONLY_CAPITALISED.has(lower)) return lower === 'no' ? 'number' : undefined;
  if (NEVER.has(lower)) return 'never';
  if (NUMBER.has(lower)) return 'number';
  if (CAPITAL.has(lower)) return 'capital';
  return /^(\p{L}\.)+\p{L}$/u.test(word) ? 'never' : undefined;
}
