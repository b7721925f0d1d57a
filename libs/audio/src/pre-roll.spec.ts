import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PreRoll } from './pre-roll.js';

/** At 1000 Hz a sample lasts a millisecond. Samples tell their position. */
const counting = (from: number, samples: number) => Int16Array.from({ length: samples }, (_, i) => from + i);

describe('PreRoll', () => {
  it('gives 300 ms before the beginning of speech and all since', () => {
    const preRoll = new PreRoll({ sampleRateHz: 1000 });
    for (let at = 0; at < 2000; at += 20) preRoll.push(counting(at, 20));
    expect(preRoll.positionSamples).toBe(2000);
    expect(preRoll.from(1880)).toEqual({ pcm: counting(1580, 420), atSamples: 1580 });
    expect(preRoll.from(1950)).toEqual({ pcm: counting(1650, 350), atSamples: 1650 });
  });

  it('gives what there is when the session is younger, and what it has kept when speech is older', () => {
    const preRoll = new PreRoll({ sampleRateHz: 1000 });
    preRoll.push(counting(0, 200));
    expect(preRoll.from(100)).toEqual({ pcm: counting(0, 200), atSamples: 0 });
    preRoll.push(counting(200, 800));
    expect(preRoll.from(100)).toEqual({ pcm: counting(580, 420), atSamples: 580 });
  });

  it('counts positions from where the session was when it took over', () => {
    const preRoll = new PreRoll({ sampleRateHz: 1000, startAtSamples: 5000 });
    preRoll.push(counting(5000, 50));
    expect(preRoll.from(5010)).toEqual({ pcm: counting(5000, 50), atSamples: 5000 });
  });

  it('gives nothing for a beginning that lies ahead of it', () => {
    const preRoll = new PreRoll({ sampleRateHz: 1000, preRollMs: 10, detectionMs: 10 });
    preRoll.push(counting(0, 15));
    expect(preRoll.from(500)).toEqual({ pcm: new Int16Array(0), atSamples: 15 });
  });

  it('keeps the last samples, in order, however they came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(70), { maxLength: 40 }), fc.nat(1000), (lengths, startAtSamples) => {
        const preRoll = new PreRoll({ sampleRateHz: 1000, preRollMs: 30, detectionMs: 7, startAtSamples });
        let at = startAtSamples;
        for (const length of lengths) {
          preRoll.push(counting(at, length));
          at += length;
        }
        const kept = Math.min(37, at - startAtSamples);
        expect(preRoll.from(0)).toEqual({ pcm: counting(at - kept, kept), atSamples: at - kept });
      }),
    );
  });

  it.each([
    [0, 0],
    [-1, 10],
    [NaN, 10],
  ])('refuses to keep %s and %s ms', (preRollMs, detectionMs) => {
    expect(() => new PreRoll({ sampleRateHz: 1000, preRollMs, detectionMs })).toThrow(
      expect.objectContaining({ code: 'invalid_setting' }),
    );
  });
});
