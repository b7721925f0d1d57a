import { describe, expect, it } from '@jest/globals';
import { concatPcm, downmixToMono, silencePcm } from './pcm-assembly.js';

describe('assembling PCM', () => {
  it('joins chunks in order', () => {
    expect([...concatPcm([Int16Array.of(1, 2), new Int16Array(0), Int16Array.of(3)])]).toEqual([1, 2, 3]);
    expect(concatPcm([])).toHaveLength(0);
  });

  it('makes silence of a duration', () => {
    expect(silencePcm(20, 8000)).toEqual(new Int16Array(160));
  });

  it('averages channels without overflow and leaves mono alone', () => {
    expect([...downmixToMono(Int16Array.of(32_767, 32_767, -32_768, -32_768, 100, -50), 2)]).toEqual([
      32_767, -32_768, 25,
    ]);
    const mono = Int16Array.of(5);
    expect(downmixToMono(mono, 1)).toBe(mono);
  });

  it.each([0, 1.5, 2])('refuses 3 samples as frames of %s channels', (channels) => {
    expect(() => downmixToMono(new Int16Array(3), channels)).toThrow(
      expect.objectContaining({ code: 'invalid_setting' }),
    );
  });
});
