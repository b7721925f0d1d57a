import { describe, expect, it } from '@jest/globals';
import { assertSessionId, isSessionId, newSessionId } from './session-id.js';

describe('session ids', () => {
  it('are legal, all different, and of one length', () => {
    const ids = Array.from({ length: 1000 }, () => newSessionId());
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every((id) => isSessionId(id) && id.length === 26)).toBe(true);
  });

  it('sort by age', () => {
    const times = [0, 1, 31, 32, 1024, 1_700_000_000_000, 1_700_000_000_001, 4_000_000_000_000];
    const ids = times.map((time) => newSessionId(time));
    expect([...ids].sort()).toEqual(ids);
  });

  it('are legal at a time that is no whole number', () => {
    expect(newSessionId(1_700_000_000_000.75).slice(0, 10)).toBe(newSessionId(1_700_000_000_000).slice(0, 10));
  });

  it.each(['', 'a.b', 'a*', '>', ' ', 'a\n', 'é', 'x'.repeat(65), 5, null, undefined, {}])('refuse %j', (text) => {
    expect(isSessionId(text)).toBe(false);
    expect(() => assertSessionId(text)).toThrow(expect.objectContaining({ code: 'invalid_session_id' }));
  });
});
