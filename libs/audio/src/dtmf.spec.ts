import { describe, expect, it } from '@jest/globals';
import { dtmfTones } from './dtmf.js';

const FREQUENCIES_HZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633];

/** The two of the eight frequencies that sound loudest (Goertzel). */
function heard(pcm: Int16Array, sampleRateHz: number): number[] {
  const power = (hz: number) => {
    const turn = 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz);
    let [last, before] = [0, 0];
    for (const sample of pcm) [last, before] = [sample + turn * last - before, last];
    return last * last + before * before - turn * last * before;
  };
  const loudest = FREQUENCIES_HZ.toSorted((a, b) => power(b) - power(a));
  return loudest.slice(0, 2).toSorted((a, b) => a - b);
}

describe('tones of a telephone', () => {
  it.each([8000, 16_000, 24_000])('are the right pair for each key, with pauses, at %d Hz', (rate) => {
    const keys: [string, number, number][] = [
      ['1', 697, 1209],
      ['5', 770, 1336],
      ['9', 852, 1477],
      ['0', 941, 1336],
      ['*', 941, 1209],
      ['#', 941, 1477],
      ['D', 941, 1633],
    ];
    const pcm = dtmfTones(keys.map(([key]) => key).join(''), rate);
    const step = (rate * 160) / 1000;
    expect(pcm).toHaveLength(keys.length * step);
    for (const [index, [, rowHz, columnHz]] of keys.entries()) {
      const key = pcm.subarray(index * step, (index + 1) * step);
      expect(heard(key.subarray(0, step / 2), rate)).toEqual([rowHz, columnHz]);
      expect(key.subarray(step / 2).every((sample) => sample === 0)).toBe(true);
    }
  });

  it('are loud enough and not too loud', () => {
    const peak = dtmfTones('5', 16_000).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(peak).toBeGreaterThan(9000);
    expect(peak).toBeLessThan(12_000);
  });

  it('are none for what is no key', () => {
    expect(dtmfTones('x y', 16_000)).toHaveLength(0);
  });
});
