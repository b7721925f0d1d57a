import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sayableText } from './sayable-text.js';

describe('sayableText', () => {
  it.each([
    ['It’s “fine” — really…', "It's fine , really."],
    ['Café, jalapeño, smørrebrød', 'Cafe, jalapeno, smorrebrod'],
    ['That is €3.50, or £4.', 'That is 3.50 euros, or 4 pounds.'],
    ['$12.50 & 5%', '$12.50 & 5%'],
    ['one\ntwo\u0000three', 'one two three'],
    ['20°', '20 degrees'],
    ['Hi ☕ 你好 there', 'Hi there'],
  ])('rewrites %j as %j', (text, ascii) => {
    expect(sayableText(text)).toBe(ascii);
  });

  it.each(['', ' \n', '...', '?!', '你好', '☕', '—', '\u0000'])('finds nothing to say in %j', (text) => {
    expect(sayableText(text)).toBe('');
  });

  it('gives printable ASCII for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(sayableText(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
