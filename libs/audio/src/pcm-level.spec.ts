import { describe, expect, it } from '@jest/globals';
import { peakDbfs, rmsDbfs } from './pcm-level.js';

describe('loudness', () => {
  it('is 0 dBFS for a full-scale square and 3 dB less for a full-scale sine', () => {
    const square = Int16Array.from({ length: 1000 }, () => -32_768);
    const sine = Int16Array.from({ length: 16_000 }, (_, i) => 32_767 * Math.sin((2 * Math.PI * 100 * i) / 16_000));
    expect(rmsDbfs(square)).toBeCloseTo(0, 5);
    expect(rmsDbfs(sine)).toBeCloseTo(-3.01, 2);
    expect(peakDbfs(square)).toBe(0);
    expect(peakDbfs(sine)).toBeCloseTo(0, 2);
  });

  it('falls by 6 dB when the amplitude halves', () => {
    expect(rmsDbfs(Int16Array.of(8192, -8192))).toBeCloseTo(-12.04, 2);
    expect(peakDbfs(Int16Array.of(0, -8192))).toBeCloseTo(-12.04, 2);
  });

  it('is -Infinity for silence and for nothing', () => {
    for (const pcm of [new Int16Array(10), new Int16Array(0)]) {
      expect(rmsDbfs(pcm)).toBe(-Infinity);
      expect(peakDbfs(pcm)).toBe(-Infinity);
    }
  });
});
