import { describe, expect, it } from '@jest/globals';
import { spokenUpTo, writtenUpTo } from './spoken-words.js';

const said = (...words: string[]) => words.map((word, n) => ({ word, startMs: n * 100, endMs: n * 100 + 100 }));

describe('spokenUpTo', () => {
  it.each([
    ['nothing without words', 'We have soup.', [], ''],
    ['up to a word', 'We have soup.', ['We', 'have'], 'We have'],
    ['with the punctuation behind it', 'Soup, and "tea", too.', ['soup', 'and', 'tea'], 'Soup, and "tea",'],
    ['everything with the last word', 'We have soup. ☕', ['We', 'have', 'soup'], 'We have soup. ☕'],
    ['a part of a word that the engine says as two', 'A well-known soup', ['A', 'well'], 'A well'],
    ['a word that the engine spells more plainly', 'It’s the Café now', ["It's", 'the', 'cafe'], 'It’s the Café'],
    ['the same word twice', 'no no never', ['no', 'no'], 'no no'],
    ['past a word that does not stand there', 'It is $5 now, you see', ['It', 'is', 'five', 'now'], 'It is $5 now,'],
    ['nothing of a word that does not stand there', 'It is $5 now', ['It', 'is', 'five'], 'It is'],
  ])('takes %s', (_, text, words, taken) => {
    expect(text.slice(0, spokenUpTo(text, said(...words)))).toBe(taken);
  });

  it('does not look for a word so far away that another one was meant', () => {
    const text = `one two ${'three '.repeat(20)}dollars left`;
    expect(spokenUpTo(text, said('one', 'dollars'))).toBe('one'.length);
  });
});

describe('writtenUpTo', () => {
  it.each([
    ['by words where they are equally many', ' We have **soup**, too.', 'We have soup, too.', 'We have soup,', ' We have **soup**,'], // prettier-ignore
    ['by words though they are longer', 'A 12 c', 'A twelve c', 'A twelve', 'A 12'],
    ['by share where they are not', 'See https://a.example/b now or then', 'See a link now or then', 'See a link', 'See'], // prettier-ignore
    ['nothing for half a word', 'Soup now', 'Soup now', 'Sou', ''],
    ['the mark of who speaks with its first word', '[chef]: Soup is ready.', 'Soup is ready.', 'Soup', '[chef]: Soup'],
    ['nothing of that mark before its first word', '[chef]: Soup is ready.', 'Soup is ready.', '', ''],
    ['everything at the end', 'Soup ☕ ', 'Soup', 'Soup', 'Soup ☕ '],
  ])('takes %s', (_, written, spoken, heard, expected) => {
    expect(writtenUpTo(written, spoken, heard.length)).toBe(expected);
  });
});
