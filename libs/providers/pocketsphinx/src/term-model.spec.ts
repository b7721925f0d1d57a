import { describe, expect, it } from '@jest/globals';
import { buildTermModel } from './term-model.js';

const DICTIONARY = new Set(
  'turkey club clubs b l t cafe chips a an one two three four five six some another the i would like add please and'.split(
    ' ',
  ),
);
const knows = (word: string) => DICTIONARY.has(word);

/** Probability of each gram, by gram. */
function gramsOf(arpa: string | undefined): Map<string, number> {
  const lines = (arpa ?? '').split('\n').filter((line) => /^-\d/.test(line));
  return new Map(
    lines.map((line) => {
      const [log = '', ...rest] = line.split(' ');
      const words = rest.filter((word) => !/^-?\d/.test(word));
      return [words.join(' '), 10 ** Number(log)];
    }),
  );
}

describe('buildTermModel', () => {
  it('gives no model without terms', () => {
    expect(buildTermModel([], knows)).toEqual({ arpa: undefined, ignored: [] });
  });

  it('leaves out terms with a word that cannot be pronounced, and names them', () => {
    const { arpa, ignored } = buildTermModel(['Xyzzy Club', 'Turkey Club', '!'], knows);
    expect(ignored).toEqual(['Xyzzy Club', '!']);
    expect(gramsOf(arpa).has('xyzzy')).toBe(false);
    expect(gramsOf(arpa).has('turkey club')).toBe(true);
  });

  it('spells out abbreviations that are no words, and takes accents off', () => {
    const grams = gramsOf(buildTermModel(['BLT', 'Café'], knows).arpa);
    expect(grams.has('b l t')).toBe(true);
    expect(grams.has('cafe')).toBe(true);
  });

  it('makes the plural likely where the dictionary has it', () => {
    const grams = gramsOf(buildTermModel(['Turkey Club'], knows).arpa);
    expect(grams.get('two turkey clubs')).toBeGreaterThan(0.1);
  });

  it('makes a word likely only after words that it was asked for with', () => {
    const grams = gramsOf(buildTermModel(['Turkey Club', 'chips'], knows).arpa);
    expect(grams.get('turkey')).toBeLessThan(0.05);
    expect(grams.get('like two turkey')).toBeGreaterThan(0.2);
  });

  it('announces as many grams as it lists, and every context is listed itself', () => {
    const { arpa = '' } = buildTermModel(['Turkey Club', 'BLT'], knows);
    const announced = [...arpa.matchAll(/^ngram \d=(\d+)$/gm)].map(([, count]) => Number(count));
    const grams = gramsOf(arpa);
    expect(announced.reduce((a, b) => a + b)).toBe(grams.size);
    for (const gram of grams.keys()) {
      const words = gram.split(' ');
      if (words.length > 1) expect(grams.has(words.slice(0, -1).join(' '))).toBe(true);
    }
  });
});
