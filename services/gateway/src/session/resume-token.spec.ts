import { describe, expect, it } from '@jest/globals';
import { isResumeSecret, newResumeToken, readResumeToken, resumeKeyHash } from './resume-token.js';

describe('a resume token', () => {
  it('names its session, and is told from any other by the hash alone', () => {
    const [token, other] = [newResumeToken('s1'), newResumeToken('s1')];
    const read = readResumeToken(token)!;
    expect(read.sessionId).toBe('s1');
    expect(isResumeSecret(read.secret, resumeKeyHash(token))).toBe(true);
    expect(isResumeSecret(read.secret, resumeKeyHash(other))).toBe(false);
    expect(resumeKeyHash(token)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(['', 's1', 's1.', '.secret', 's*.secret', 'a b.secret'])('is not "%s"', (text) => {
    expect(readResumeToken(text)).toBeUndefined();
  });

  it('does not fit a hash that is none', () => {
    expect(isResumeSecret('secret', 'abc')).toBe(false);
  });
});
