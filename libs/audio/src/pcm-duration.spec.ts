import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesToMs, bytesToSamples, msToBytes, msToSamples, samplesToBytes, samplesToMs } from './pcm-duration.js';

describe('duration of PCM', () => {
  it('converts a 20 ms frame at 16 kHz between its units', () => {
    expect(msToSamples(20, 16_000)).toBe(320);
    expect(msToBytes(20, 16_000)).toBe(640);
    expect(samplesToMs(320, 16_000)).toBe(20);
    expect(bytesToMs(640, 16_000)).toBe(20);
    expect(samplesToBytes(320)).toBe(640);
    expect(bytesToSamples(640)).toBe(320);
  });

  it('rounds to whole samples where a rate has no whole number of them', () => {
    expect(msToSamples(1, 44_100)).toBe(44);
    expect(msToBytes(1, 22_050)).toBe(44);
  });

  it('comes back to the same number of samples at any rate', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 4000, max: 192_000 }), (samples, sampleRateHz) => {
        expect(msToSamples(samplesToMs(samples, sampleRateHz), sampleRateHz)).toBe(samples);
      }),
    );
  });

  it('refuses half a sample with odd_length', () => {
    expect(() => bytesToMs(3, 16_000)).toThrow(expect.objectContaining({ code: 'odd_length' }));
  });
});
