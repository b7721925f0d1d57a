import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, sessionPolicySchema } from './session-policy.js';

describe('session policy', () => {
  it('has defaults for whatever is not said', () => {
    expect(DEFAULT_POLICY).toEqual({
      endpointing: { by: 'silence', minDelayMs: 400, delayMs: 700, maxDelayMs: 2400 },
      interruption: { minDurationMs: 400, minWords: 0, noiseAfterMs: 700, noisesBeforeWords: 2, mute: 'never' },
      keyTerms: [],
      speakers: {},
      providers: {},
    });
    const { endpointing, interruption } = sessionPolicySchema.parse({ interruption: { minWords: 2 } });
    expect([endpointing, interruption]).toEqual([
      DEFAULT_POLICY.endpointing,
      { ...DEFAULT_POLICY.interruption, minWords: 2 },
    ]);
  });

  it.each([
    { endpointing: { by: 'magic' } },
    { endpointing: { minDelayMs: -1 } },
    { interruption: { minWords: -1 } },
    { interruption: { mute: 'maybe' } },
    { speakers: { 'a]: b': 'slt' } },
  ])('refuses %j', (policy) => {
    expect(sessionPolicySchema.safeParse(policy).success).toBe(false);
  });
});
