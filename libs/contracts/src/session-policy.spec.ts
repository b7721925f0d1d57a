import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, sessionPolicySchema } from './session-policy.js';

describe('session policy', () => {
  it('has defaults for whatever is not said', () => {
    expect(DEFAULT_POLICY).toEqual({
      interruption: { minDurationMs: 400, minWords: 0, noiseAfterMs: 700, mute: 'never' },
      speakers: {},
    });
    const { interruption } = sessionPolicySchema.parse({ interruption: { minWords: 2 } });
    expect(interruption).toEqual({ ...DEFAULT_POLICY.interruption, minWords: 2 });
  });

  it.each([{ interruption: { minWords: -1 } }, { interruption: { mute: 'maybe' } }, { speakers: { 'a]: b': 'slt' } }])(
    'refuses %j',
    (policy) => {
      expect(sessionPolicySchema.safeParse(policy).success).toBe(false);
    },
  );
});
