import { describe, expect, it } from '@jest/globals';
import { plainWords, recall } from './alike.js';

describe('the words of a text', () => {
  it('are those that are said as they are written', () => {
    expect(plainWords("Two Turkey Clubs for $22, it's $4.50. BLT!")).toEqual(['turkey', 'clubs', 'for', 'it', 'blt']);
  });
});

describe('the share of words that were heard', () => {
  const wanted = ['we', 'have', 'soup', 'and', 'coffee'];

  it.each([
    ['all of them', wanted, 1],
    ['none', [], 0],
    ['one misheard', ['we', 'have', 'soap', 'and', 'coffee'], 0.8],
    ['more than wanted', ['well', ...wanted, 'thanks'], 1],
    ['the end before the beginning', ['and', 'coffee', 'we', 'have', 'soup'], 0.6],
  ])('counts %s', (_what, heard, share) => {
    expect(recall(wanted, heard)).toBeCloseTo(share);
  });

  it('is whole when nothing is wanted', () => {
    expect(recall([], ['oh'])).toBe(1);
  });
});
