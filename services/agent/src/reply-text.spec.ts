import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReplyText } from './reply-text.js';
import { speakersNote } from './speaker-marks.js';

const SPEAKERS = ['chef', 'Old Waiter'];

/** What a text that comes in these tokens becomes. */
function written(tokens: readonly string[], speakers = SPEAKERS) {
  const text = new ReplyText(speakers, { firstClauseChars: 1000 });
  const stretches = [...tokens.flatMap((token) => text.push(token)), ...text.flush()];
  return { stretches, sentences: stretches.flatMap(({ sentences }) => sentences) };
}
const said = (text: string, speakers?: string[]) =>
  written([text], speakers).sentences.map(({ spoken, speaker }) => (speaker ? `${speaker}: ${spoken}` : spoken));

describe('text in which several speak', () => {
  it.each<[string, string[]]>([
    ['[chef]: It is hot. Very.\nEnjoy!', ['chef: It is hot.', 'chef: Very.', 'Enjoy!']],
    ['Let me ask. [chef]: It is hot.', ['Let me ask.', 'chef: It is hot.']],
    ['[chef]: Soup? [old waiter]: Yes.\n[chef]: Good.', ['chef: Soup?', 'Old Waiter: Yes.', 'chef: Good.']],
    ['Let me ask\n[chef]: hot', ['Let me ask', 'chef: hot']],
    ['[Chef]:Hot.', ['chef: Hot.']],
    ['He said: [chef]: hot.', ['He said:', 'chef: hot.']],
    ['[chef]: [old waiter]: I.', ['Old Waiter: I.']],
    ['  \n[chef]: Hot.', ['chef: Hot.']],
    ['[chef]: ', []],
  ])('%j', (text, expected) => {
    expect(said(text)).toEqual(expected);
  });

  it.each(['The [chef]: hot.', '[cook]: hot.', '[chef] hot.', '[chef', 'See [1]: hot.'])(
    'has no mark in %j',
    (text) => {
      expect(written([text]).sentences).toMatchObject([{ text }]);
      expect(written([text]).sentences[0]).not.toHaveProperty('speaker');
    },
  );

  it('is no such text where nobody but the agent may speak', () => {
    expect(written(['[chef]: Hot.'], []).sentences).toEqual([{ text: '[chef]: Hot.', spoken: expect.any(String) }]);
  });

  it('is the agent again after a tool', () => {
    const text = new ReplyText(SPEAKERS);
    const sentences = [text.push('[chef]: Let me look'), text.flush(), text.push(' Done.'), text.flush()].flatMap(
      (stretches) => stretches.flatMap((stretch) => stretch.sentences),
    );
    expect(sentences).toEqual([
      { text: '[chef]: Let me look', spoken: 'Let me look', speaker: 'chef' },
      { text: ' Done.', spoken: 'Done.' },
    ]);
  });

  it('keeps all that the model wrote, the marks included, and tells it whole', () => {
    const text = 'Well. [chef]: It is hot.\n[old waiter]: Yes! [x] Bye.\nMe again.';
    const { stretches, sentences } = written([text]);
    expect(sentences.map((sentence) => sentence.text).join('')).toBe(text);
    expect(stretches.map((stretch) => stretch.text).join('')).toBe(text);
    expect(stretches.filter((stretch) => stretch.text).map(({ speaker }) => speaker)).toEqual([
      undefined,
      'chef',
      'chef',
      undefined,
      'Old Waiter',
      'Old Waiter',
      undefined,
    ]);
  });

  it('is the same however it is cut into tokens', () => {
    const piece = fc.constantFrom(
      '[chef]: ',
      '[Old Waiter]:',
      '[che',
      'Hot. ',
      'is it',
      '\n',
      '! ',
      '[',
      ']: ',
      ' ',
      'a.b',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), fc.array(fc.integer({ min: 1, max: 6 })), (pieces, cuts) => {
        const text = pieces.join('');
        const tokens: string[] = [];
        let at = 0;
        for (const cut of cuts) tokens.push(text.slice(at, (at += cut)));
        tokens.push(text.slice(at));
        expect(written(tokens).sentences).toEqual(written([text]).sentences);
        expect(written(tokens).stretches.map((stretch) => stretch.text).join('')).toBe(text); // prettier-ignore
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what the model is told of speakers', () => {
  it('is how to let each of them speak, and nothing when there are none', () => {
    expect(speakersNote(SPEAKERS)).toMatch(/"\[chef\]: ", "\[Old Waiter\]: "/);
    expect(speakersNote([])).toBe('');
  });
});
