import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concatPcm } from './pcm-assembly.js';
import { PcmWindows } from './pcm-windows.js';

describe('PcmWindows', () => {
  it('loses and reorders nothing however the audio is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.int16Array({ maxLength: 50 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (chunks, windowSamples) => {
          const windows = new PcmWindows(windowSamples);
          const seen: Int16Array[] = [];
          for (const chunk of chunks) windows.push(chunk, (window) => seen.push(window.slice()));
          expect(seen.every((window) => window.length === windowSamples)).toBe(true);
          expect(windows.pendingSamples).toBeLessThan(windowSamples);
          expect(concatPcm([...seen, windows.flush()])).toEqual(concatPcm(chunks));
          expect(windows.pendingSamples).toBe(0);
        },
      ),
    );
  });

  it('hands the same array each time', () => {
    const seen = new Set<Int16Array>();
    new PcmWindows(2).push(new Int16Array(8), (window) => seen.add(window));
    expect(seen.size).toBe(1);
  });

  it('goes on with the next chunk after take threw', () => {
    const windows = new PcmWindows(2);
    expect(() =>
      windows.push(Int16Array.of(1, 2, 3), () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    const seen: number[][] = [];
    windows.push(Int16Array.of(4, 5), (window) => seen.push([...window]));
    expect(seen).toEqual([[4, 5]]);
  });

  it.each([0, -1, 2.5, NaN])('refuses windows of %s samples', (windowSamples) => {
    expect(() => new PcmWindows(windowSamples)).toThrow(expect.objectContaining({ code: 'invalid_setting' }));
  });
});
