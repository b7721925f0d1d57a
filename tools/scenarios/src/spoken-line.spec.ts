import { describe, expect, it } from '@jest/globals';
import { spokenParts } from './spoken-line.js';

describe('a spoken line', () => {
  it('is words with the pauses between them', () => {
    expect(spokenParts('my number is [900 ms] five five [40 ms]')).toEqual([
      { words: 'my number is' },
      { pauseMs: 900 },
      { words: 'five five' },
      { pauseMs: 40 },
    ]);
  });
});
