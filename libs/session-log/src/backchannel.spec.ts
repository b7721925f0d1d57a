import { describe, expect, it } from '@jest/globals';
import { isBackchannel, isEcho, wordsOf } from './backchannel.js';

describe('backchannel', () => {
  it.each(['mhm', 'Mm-hmm.', 'uh-huh', 'yeah', 'Okay, right.', 'oh wow', 'ok ok'])(
    'is "%s" while the agent tells',
    (text) => {
      expect(isBackchannel(text, false)).toBe(true);
    },
  );

  it.each(['stop', 'yeah but no', 'okay wait', 'mhm and a coffee', 'yes yes yes yes', '', '...'])(
    'is not "%s"',
    (text) => {
      expect(isBackchannel(text, false)).toBe(false);
    },
  );

  it('is a sound, and not a word that agrees, where a question was asked', () => {
    expect(isBackchannel('mhm', true)).toBe(true);
    expect(isBackchannel('yes', true)).toBe(false);
    expect(isBackchannel('okay', true)).toBe(false);
  });
});

describe('echo', () => {
  const said = 'We have soup for $4, and coffee. So what would you like?';

  it.each(['so what would you like', 'have soup for $4 and coffee', 'coffee. So what would you'])('is "%s"', (text) => {
    expect(isEcho(text, said)).toBe(true);
  });

  it.each(['what would you like', 'you like what would so', 'I have soup for $4', 'e have soup for $4', ''])(
    'is not "%s"',
    (text) => {
      expect(isEcho(text, said)).toBe(false);
    },
  );
});

it('finds words in any script, without marks', () => {
  expect(wordsOf(" Don't stop — às 5, über! ")).toEqual(["don't", 'stop', 'às', '5', 'über']);
});
