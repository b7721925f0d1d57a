import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SentenceAssembler, type SentenceAssemblerOptions } from './sentence-assembler.js';

/** Long first clauses, so that only sentences are seen. */
const WHOLE = { firstClauseChars: 1000 };

function split(text: string, options: SentenceAssemblerOptions = WHOLE, tokens: readonly string[] = [text]): string[] {
  const assembler = new SentenceAssembler(options);
  return [...tokens.flatMap((token) => assembler.push(token)), ...assembler.end()].map((piece) => piece.text);
}
const trimmed = (text: string, options?: SentenceAssemblerOptions) => split(text, options).map((piece) => piece.trim());

describe('sentence assembler', () => {
  it.each<[string, string[]]>([
    ['Hello there. How are you? Fine!', ['Hello there.', 'How are you?', 'Fine!']],
    [
      'Mr. Smith met Dr. Jones on Main St. near the U.S. border. They talked.',
      ['Mr. Smith met Dr. Jones on Main St. near the U.S. border.', 'They talked.'],
    ],
    ['It works, e.g. on weekdays, i.e. not Sunday. Good.', ['It works, e.g. on weekdays, i.e. not Sunday.', 'Good.']],
    ['We open at 9 a.m. and close at 5 p.m. See you then.', ['We open at 9 a.m. and close at 5 p.m.', 'See you then.']],
    ['We sell soup, chips, etc. every day. Nice.', ['We sell soup, chips, etc. every day.', 'Nice.']],
    ['Apples vs. pears. Done.', ['Apples vs. pears.', 'Done.']],
    ['Your order is No. 5 today. Thanks.', ['Your order is No. 5 today.', 'Thanks.']],
    ['No. We do not.', ['No.', 'We do not.']],
    ['He sat. Then he left.', ['He sat.', 'Then he left.']],
    ['Pi is 3.14 or so. Right.', ['Pi is 3.14 or so.', 'Right.']],
    ['The soup is $4.50. Anything else?', ['The soup is $4.50.', 'Anything else?']],
    ['It was J. R. R. Tolkien who wrote it. Yes.', ['It was J. R. R. Tolkien who wrote it.', 'Yes.']],
    ['So do I. Really.', ['So do I.', 'Really.']],
    ['Well... let me see. Hm… Yes.', ['Well... let me see.', 'Hm…', 'Yes.']],
    ['Wait... Who is it?', ['Wait...', 'Who is it?']],
    ['What?! No way!! Ok.', ['What?!', 'No way!!', 'Ok.']],
    ['He said "Stop." Then he ran.', ['He said "Stop."', 'Then he ran.']],
    ['"Really?" she asked. (Yes.) Fine.', ['"Really?" she asked.', '(Yes.)', 'Fine.']],
    ['**Bold one.** Next one.', ['**Bold one.**', 'Next one.']],
    ['1. BLT\n2. Turkey Club\n3. Soup', ['1. BLT', '2. Turkey Club', '3. Soup']],
    ['Menu:\n- BLT\n- Soup\n\nEnjoy.', ['Menu:', '- BLT', '- Soup', 'Enjoy.']],
    [
      'See example.com. Or write to a.b@example.co.uk. Bye.',
      ['See example.com.', 'Or write to a.b@example.co.uk.', 'Bye.'],
    ],
    ['Go to https://example.com/a?b=c.d now. Ok.', ['Go to https://example.com/a?b=c.d now.', 'Ok.']],
    ['It starts at 10:30. Be there.', ['It starts at 10:30.', 'Be there.']],
    ['Version v1.2.3 is out. Get it.', ['Version v1.2.3 is out.', 'Get it.']],
    [
      '今日は晴れです。明日は？「はい。」そうです！終わり',
      ['今日は晴れです。', '明日は？', '「はい。」', 'そうです！', '終わり'],
    ],
    ['यह अच्छा है। धन्यवाद।', ['यह अच्छा है।', 'धन्यवाद।']],
    ['كيف حالك؟ أنا بخير.', ['كيف حالك؟', 'أنا بخير.']],
    ['hello. how are you', ['hello.', 'how are you']],
    ['no stop at all', ['no stop at all']],
    ['Trailing space.  \n ', ['Trailing space.']],
    [' \n ', []],
    ['', []],
  ])('splits %j', (text, expected) => {
    expect(trimmed(text)).toEqual(expected);
  });

  it('lets a sentence go when the character after its stop shows that it is over, and not before', () => {
    const assembler = new SentenceAssembler(WHOLE);
    expect(assembler.push('It is 3.')).toEqual([]);
    expect(assembler.push('5 dollars.')).toEqual([]);
    expect(assembler.push(' ')).toEqual([{ text: 'It is 3.5 dollars.', spoken: 'It is 3.5 dollars.' }]);
    expect(assembler.push('Ok.')).toEqual([]);
    expect(assembler.end()).toEqual([{ text: ' Ok.', spoken: 'Ok.' }]);
    expect(assembler.end()).toEqual([]);
  });

  it('ends the first piece at a clause once it is long enough, and no later piece', () => {
    const text =
      'Sure, I have added two Turkey Clubs, a Soda, and some chips to your order. That makes, so far, all of it, $24.';
    expect(trimmed(text, {})).toEqual([
      'Sure, I have added two Turkey Clubs,',
      'a Soda, and some chips to your order.',
      'That makes, so far, all of it, $24.',
    ]);
  });

  it('does not cut numbers or times at a clause', () => {
    expect(trimmed('The whole thing costs about 1,000,000 dollars at 10:30 in all', {})).toHaveLength(1);
  });

  it('leaves whole sentences whole after a short first one', () => {
    expect(trimmed('Sure. I have added two Turkey Clubs, and a soda.', {})).toEqual([
      'Sure.',
      'I have added two Turkey Clubs, and a soda.',
    ]);
  });

  it('breaks a text that is too long behind a clause, before a space, or in a word', () => {
    const options = { ...WHOLE, maxChars: 20 };
    expect(split('aaaa bbbb, cccc dddd eeee', options)).toEqual(['aaaa bbbb,', ' cccc dddd eeee']);
    expect(split('aaaa bbbb cccc dddd eeee', options)).toEqual(['aaaa bbbb cccc dddd', ' eeee']);
    expect(split('a'.repeat(45), options).map(({ length }) => length)).toEqual([20, 20, 5]);
    expect(split(`${'a'.repeat(19)}😀b`, options)).toEqual(['a'.repeat(19), '😀b']);
  });

  it('says nothing of a code block that spans pieces', () => {
    const assembler = new SentenceAssembler(WHOLE);
    const pieces = [...assembler.push('Run this.\n```sh\nnpm test\nls -l\n```\nThen wait.'), ...assembler.end()];
    expect(pieces.map(({ spoken }) => spoken).filter(Boolean)).toEqual(['Run this.', 'Then wait.']);
  });

  it('refuses lengths that make no sense', () => {
    expect(() => new SentenceAssembler({ maxChars: 1 })).toThrow(RangeError);
  });

  const fragment = fc.constantFrom(
    ...[
      'Hello',
      'the soup',
      ' ',
      '  ',
      '.',
      '. ',
      '...',
      '?',
      '!',
      '?!',
      ', ',
      ',',
      '; ',
      ' — ',
      '—',
      '\n',
      '\n\n',
      '$4.50',
      '1,000',
      '3.14',
    ],
    ...[
      'Mr. ',
      'e.g. ',
      'a.m. ',
      'J. R. ',
      'No. 5',
      '1. ',
      '"',
      ')',
      '**',
      '```',
      '`',
      '10:30',
      'a.b@c.com',
      'https://x.y/z?q=1',
      '。',
      '？',
      '।',
      '؟',
      '😀',
      'é',
    ],
  );
  const text = fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join(''));
  const options = fc.record({
    firstClauseChars: fc.integer({ min: 2, max: 60 }),
    maxChars: fc.integer({ min: 2, max: 80 }),
  });

  it('gives the same sentences however the text is cut into tokens; together they are the text; none is too long', () => {
    fc.assert(
      fc.property(
        text,
        options,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }),
        (whole, settings, sizes) => {
          const tokens: string[] = [];
          for (let at = 0, index = 0; at < whole.length; index++) {
            const size = sizes[index % sizes.length] ?? 1;
            tokens.push(whole.slice(at, at + size));
            at += size;
          }
          const sentences = split(whole, settings);
          expect(split(whole, settings, tokens)).toEqual(sentences);
          expect(split(whole, settings, [...whole])).toEqual(sentences);
          expect(sentences.join('').trimEnd()).toBe(whole.trimEnd());
          expect(Math.max(0, ...sentences.map(({ length }) => length))).toBeLessThanOrEqual(settings.maxChars);
        },
      ),
      { numRuns: 500 },
    );
  });
});
