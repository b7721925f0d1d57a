import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { heardText } from './heard-text.js';

const SENTENCES = ['We have soup.', ' It costs five dollars.', ' Anything else?'];

describe('heardText', () => {
  it('is empty before anything was played', () => {
    expect(heardText(SENTENCES, undefined)).toBe('');
    expect(heardText(SENTENCES, { sentence: 0, playedMs: 0 })).toBe('');
  });

  it.each([
    ['nothing of the first word', 0, 199, 1300, ''],
    ['one word', 0, 500, 1300, 'We'],
    ['up to the middle of the last word', 0, 1299, 1300, 'We have'],
    ['a whole sentence', 0, 1300, 1300, 'We have soup.'],
    ['the sentence before, and nothing of this one', 1, 0, 2300, 'We have soup.'],
    ['a sentence that begins with a space, up to a word', 1, 900, 2300, 'We have soup. It costs'],
    ['everything', 2, 5000, 1500, SENTENCES.join('')],
  ])('tells %s', (_, sentence, playedMs, sentenceMs, heard) => {
    expect(heardText(SENTENCES, { sentence, playedMs, sentenceMs })).toBe(heard);
  });

  it('counts a word as heard at the very moment it is over', () => {
    const position = { sentence: 0, sentenceMs: 1100 };
    expect(heardText(['Hello there'], { ...position, playedMs: 499 })).toBe('');
    expect(heardText(['Hello there'], { ...position, playedMs: 500 })).toBe('Hello');
  });

  it('guesses the length of a sentence whose voice has not all arrived', () => {
    expect(heardText(['Hello there'], { sentence: 0, playedMs: 5 * 65 })).toBe('Hello');
    expect(heardText(['Hello there'], { sentence: 0, playedMs: 5 * 65 - 1 })).toBe('');
  });

  it('tells nothing of a sentence without voice, and all before a sentence that is not known', () => {
    expect(heardText(['One.', ' 🙂'], { sentence: 1, playedMs: 0, sentenceMs: 0 })).toBe('One.');
    expect(heardText(['One.'], { sentence: 3, playedMs: 100 })).toBe('One.');
    expect(heardText([], { sentence: 0, playedMs: 100 })).toBe('');
  });

  const sentences = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '  ', '\n', '.', 'é', '🙂') }), {
    maxLength: 4,
  });
  const position = fc.record({
    sentence: fc.nat(5),
    playedMs: fc.double({ min: 0, max: 5000, noNaN: true }),
    sentenceMs: fc.option(fc.double({ min: 0, max: 3000, noNaN: true }), { nil: undefined }),
  });

  it('is always the beginning of the text, cut between words', () => {
    fc.assert(
      fc.property(sentences, position, (said, at) => {
        const text = said.join('');
        const heard = heardText(said, at);
        expect(text.startsWith(heard)).toBe(true);
        const isWhole =
          said.slice(0, at.sentence).join('') === heard || said.slice(0, at.sentence + 1).join('') === heard;
        expect(isWhole || /^\s/.test(text.slice(heard.length))).toBe(true);
      }),
    );
  });

  it('never grows shorter as more is played', () => {
    fc.assert(
      fc.property(
        sentences,
        position,
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.nat(2),
        (said, at, more, on) => {
          const later =
            on === 0 ? { ...at, playedMs: at.playedMs + more } : { sentence: at.sentence + on, playedMs: more };
          expect(heardText(said, later).length).toBeGreaterThanOrEqual(heardText(said, at).length);
        },
      ),
    );
  });
});
