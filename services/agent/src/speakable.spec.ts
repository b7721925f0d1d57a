import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toSpeakable } from './speakable.js';

describe('toSpeakable', () => {
  it.each([
    ['plain text', 'Two Turkey Clubs and a Soda, got it.', 'Two Turkey Clubs and a Soda, got it.'],
    ['bold and italics', '**Great** choice, *really* __very__ _good_!', 'Great choice, really very good!'],
    ['half of a bold', '**Hello there.', 'Hello there.'],
    ['the other half', 'How are you?**', 'How are you?'],
    ['strike-through', '~~old~~ new', 'old new'],
    ['a heading', '## Our menu', 'Our menu'],
    ['a bullet', '- BLT', 'BLT'],
    ['a task', '- [x] done', 'done'],
    ['a numbered item', '2. Turkey Club', '2. Turkey Club'],
    ['a quote', '> wise words', 'wise words'],
    ['several lines', 'Menu\n- BLT\n- Soup', 'Menu. BLT. Soup'],
    ['a link', 'See [our menu](https://example.com/menu?x=1).', 'See our menu.'],
    ['an image', 'Look: ![a sandwich](x.png)', 'Look: a sandwich'],
    ['inline code', 'Run `npm test` now', 'Run npm test now'],
    ['a code block', 'Try this:\n```js\nfoo();\n```\nDone.', 'Try this: Done.'],
    ['an unfinished code block', 'Try: ```js\nfoo();', 'Try:'],
    ['a table', '| Item | Price |\n|------|------:|\n| BLT | $8 |', 'Item, Price. BLT, 8 dollars'],
    ['a rule', '---', ''],
    ['HTML', '<b>Hot</b> soup<br/>today', 'Hot soup today'],
    ['entities', 'Fish &amp; chips &lt; $5 &#8211; yes', 'Fish and chips 5 dollars, yes'],
    ['an emoji', 'Great 😀👍🏽 choice 🇺🇸!', 'Great choice!'],
    ['nothing but emoji', '🎉🎉 👩‍👩‍👧', ''],
    ['nothing but punctuation', '... — !', ''],
    ['nothing', '', ''],
    ['an address', 'Visit https://www.example.com/menu/today?x=1#y.', 'Visit example dot com.'],
    ['a short path', 'Visit example.com/menu today.', 'Visit example dot com slash menu today.'],
    ['a domain at the end', 'Visit example.com.', 'Visit example dot com.'],
    ['an email', 'Write to jo.doe@example.com.', 'Write to jo dot doe at example dot com.'],
    ['a version that is no domain', 'Node 3.14 and v1.2', 'Node 3.14 and v1.2'],
    ['dollars', 'Your total is $22.', 'Your total is 22 dollars.'],
    ['one dollar', 'only $1!', 'only 1 dollar!'],
    ['dollars and cents', 'That is $4.50.', 'That is 4 dollars and 50 cents.'],
    ['no cents', '$4.00', '4 dollars'],
    ['cents', '$0.05 or $0.01', '5 cents or 1 cent'],
    ['thousands', '$1,234.50 and $12,000', '1234 dollars and 50 cents and 12000 dollars'],
    ['a scale', '$5 million and $3k', '5 million dollars and 3 thousand dollars'],
    ['less than nothing', 'a change of -$5', 'a change of minus 5 dollars'],
    ['pounds, euros', '£2.50, 3€ and €1', '2 pounds and 50 pence, 3 euros and 1 euro'],
    ['a range of prices', '$8-$12 or $8–12', '8 to 12 dollars or 8 to 12 dollars'],
    ['percent', '50% off, 12.5 % more', '50 percent off, 12.5 percent more'],
    ['and, at, number', 'Soup & #5 @ noon', 'Soup and number 5 at noon'],
    ['a range', '3-5 minutes, pages 10–12', '3 to 5 minutes, pages 10 to 12'],
    ['years', '1990–1995', '1990 to 1995'],
    ['a date and a phone number', '2024-05-01, 555-1234', '2024-05-01, 555-1234'],
    ['times', '2 × 3 = 6, 2*3', '2 times 3 equals 6, 2 times 3'],
    ['below zero', 'It is -5°C', 'It is minus 5 degrees Celsius'],
    ['alternatives', 'soup and/or chips, tea/coffee', 'soup and or chips, tea or coffee'],
    ['a dash', 'Well—maybe', 'Well, maybe'],
    ['typographic quotes', '“That’s it”', '"That\'s it"'],
    ['whitespace', '  a \n\n b\t c ', 'a. b c'],
    ['other scripts', 'こんにちは。', 'こんにちは。'],
  ])('makes %s sayable', (_, text, expected) => {
    expect(toSpeakable(text)).toBe(expected);
  });

  it('never throws, leaves no markup and gives nothing or something sayable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const spoken = toSpeakable(text);
        expect(spoken).toBe(spoken.trim());
        expect(spoken).not.toMatch(/[*`|<>\n]/);
        if (spoken !== '') expect(spoken).toMatch(/[\p{L}\p{N}]/u);
      }),
      { numRuns: 500 },
    );
  });

  it('is quick with hostile text', () => {
    const hostile = [
      '['.repeat(5000),
      '<a '.repeat(2000),
      '1,111'.repeat(1000),
      'a.'.repeat(2500),
      '$1'.repeat(2500),
      '- '.repeat(2500),
    ];
    for (const text of hostile) expect(toSpeakable(text).length).toBeLessThan(100_000);
  });
});
