// @ts-check
import { writeArpa } from './trigram-arpa.js';

const COUNTS = ['a', 'an', 'one', 'two', 'three', 'four', 'five', 'six', 'some', 'another', ''];
const ASKING = [
  'i would like',
  "i'd like",
  "i'll have",
  'can i get',
  'can i have',
  'could i have',
  'add',
  'please add',
  'make it',
  'do you have',
  'with',
  'and',
  '',
];
const ARTICLES = ['the', 'a', ''];
const REFERRING = [
  'remove',
  'please remove',
  'no',
  'without',
  'how much is',
  'what is',
  'what is on',
  'is',
  'with',
  'and',
  '',
];

/**
 * @param {readonly string[]} terms
 * @param {(word: string) => boolean} knows
 * @returns {import('./term-model.js').TermModel}
 */
export function buildTermModel(terms, knows) {
  const spoken = [];
  const ignored = [];
  for (const term of terms) {
    const forms = spokenForms(term, knows);
    if (forms.length === 0) ignored.push(term);
    spoken.push(...forms);
  }
  return { arpa: spoken.length > 0 ? writeArpa(phrases(spoken, knows)) : undefined, ignored };
}

/**
 * The ways to say a term: as it stands, spelled out where it is an abbreviation, and in the plural.
 * @param {string} term
 * @param {(word: string) => boolean} knows
 */
function spokenForms(term, knows) {
  const written = term
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/’/g, "'")
    .replace(/&/g, ' and ')
    .split(/[^A-Za-z']+/)
    .filter(Boolean);
  const words = written.flatMap((word) => {
    if (knows(word.toLowerCase())) return [word.toLowerCase()];
    return /^[A-Z]{2,5}$/.test(word) ? [...word.toLowerCase()] : [word.toLowerCase()];
  });
  const last = words.at(-1);
  if (last === undefined || !words.every(knows)) return [];
  const plural = [`${last}s`, `${last}es`, `${last}'s`].find(knows);
  return plural ? [words, [...words.slice(0, -1), plural]] : [words];
}

/**
 * @param {string[][]} spoken
 * @param {(word: string) => boolean} knows
 */
function phrases(spoken, knows) {
  const all = [];
  for (const term of spoken) {
    for (const [leads, determiners] of [
      [ASKING, COUNTS],
      [REFERRING, ARTICLES],
    ]) {
      for (const lead of leads ?? []) {
        for (const determiner of determiners ?? []) {
          const phrase = [...lead.split(' '), determiner, ...term].filter(Boolean);
          all.push([...phrase, '</s>'], [...phrase, 'please', '</s>'], [...phrase, 'and']);
        }
      }
    }
  }
  return all.filter((phrase) => phrase.every((word) => word === '</s>' || knows(word)));
}
