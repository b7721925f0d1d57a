import { describe, expect, it } from '@jest/globals';
import { noticesIn } from './notices.js';

describe('a notice', () => {
  const isNotice = noticesIn(['This call is recorded. You may ask us to delete it at any time.', '']);

  it.each([
    'This call is recorded.',
    ' you may ask us to delete it at any time',
    'Welcome! This call is recorded. You may ask us to delete it at any time. So?',
  ])('has in it or is in "%s"', (sentence) => {
    expect(isNotice(sentence)).toBe(true);
  });

  it.each(['This call', 'You may ask for soup.', 'This call is being recorded.', '', '...'])(
    'is not "%s"',
    (sentence) => {
      expect(isNotice(sentence)).toBe(false);
    },
  );

  it('is none for an agent without', () => {
    expect(noticesIn()('This call is recorded.')).toBe(false);
  });
});
