import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concatPcm } from './pcm-assembly.js';
import { rmsDbfs } from './pcm-level.js';
import { openResampler, type Resampler, type ResamplerOptions } from './resampler.js';

const RATES_HZ = [8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000];
const opened: Resampler[] = [];

async function open(
  inputRateHz: number,
  outputRateHz: number,
  quality?: ResamplerOptions['quality'],
): Promise<Resampler> {
  const resampler = await openResampler({ inputRateHz, outputRateHz, quality });
  opened.push(resampler);
  return resampler;
}

function tone(frequencyHz: number, sampleRateHz: number, samples: number, amplitude = 16_000): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / sampleRateHz)),
  );
}

/** Strength of one frequency in `pcm`, as the amplitude of its sine. */
function amplitudeAt(frequencyHz: number, sampleRateHz: number, pcm: Int16Array): number {
  let real = 0;
  let imaginary = 0;
  for (let i = 0; i < pcm.length; i++) {
    const angle = (2 * Math.PI * frequencyHz * i) / sampleRateHz;
    real += pcm[i]! * Math.cos(angle);
    imaginary += pcm[i]! * Math.sin(angle);
  }
  return (2 * Math.hypot(real, imaginary)) / pcm.length;
}

function resample(resampler: Resampler, pcm: Int16Array, lengths: Iterable<number>): Int16Array {
  const parts: Int16Array[] = [];
  let at = 0;
  for (const length of lengths) {
    parts.push(resampler.process(pcm.subarray(at, at + length)));
    at += length;
  }
  parts.push(resampler.process(pcm.subarray(at)), resampler.flush());
  return concatPcm(parts);
}

afterEach(() => {
  for (const resampler of opened.splice(0)) resampler.close();
});

describe('resampler', () => {
  it('gives the same samples however the stream is cut, as many as the ratio says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...RATES_HZ),
        fc.constantFrom(...RATES_HZ),
        fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 900 })), { maxLength: 40 }),
        fc.nat(2000),
        async (inputRateHz, outputRateHz, lengths, rest) => {
          const pcm = tone(
            440,
            inputRateHz,
            lengths.reduce((sum, length) => sum + length, rest),
          );
          const resampler = await open(inputRateHz, outputRateHz);
          const cut = resample(resampler, pcm, lengths);
          const whole = resample(resampler, pcm, []);
          resampler.close();
          expect(Math.abs(cut.length - (pcm.length * outputRateHz) / inputRateHz)).toBeLessThanOrEqual(1);
          expect(cut).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    [8000, 16_000],
    [48_000, 8000],
    [24_000, 16_000],
    [44_100, 16_000],
  ])('loses no sample in a minute of 20 ms frames from %d to %d Hz', async (inputRateHz, outputRateHz) => {
    const resampler = await open(inputRateHz, outputRateHz);
    const frame = tone(300, inputRateHz, inputRateHz / 50);
    const frames = 3000;
    let samples = 0;
    for (let i = 0; i < frames; i++) samples += resampler.process(frame).length;
    const beforeFlush = samples;
    samples += resampler.flush().length;
    expect(Math.abs(samples - (frames * outputRateHz) / 50)).toBeLessThanOrEqual(1);
    expect(samples - beforeFlush).toBeLessThan(outputRateHz / 100);
  });

  it.each(['fast', 'medium', 'best'] as const)(
    'keeps a tone and removes what would fold, at quality %s',
    async (quality) => {
      const resampler = await open(48_000, 16_000, quality);
      const kept = resample(resampler, tone(1000, 48_000, 48_000), []);
      const removed = resample(resampler, tone(11_000, 48_000, 48_000), []);
      expect(amplitudeAt(1000, 16_000, kept.subarray(1600, 14_400))).toBeCloseTo(16_000, -2);
      expect(rmsDbfs(removed.subarray(1600, 14_400))).toBeLessThan(-70);
    },
  );

  it('keeps tone and time: an impulse comes out where it went in', async () => {
    const pcm = new Int16Array(8000);
    pcm[4000] = 30_000;
    const out = resample(await open(8000, 16_000), pcm, [100, 4000, 7]);
    const peak = out.reduce((best, sample, i) => (sample > out[best]! ? i : best), 0);
    expect(peak).toBe(8000);
  });

  it('clips what the filter carries beyond full scale instead of wrapping it', async () => {
    const square = Int16Array.from({ length: 1600 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768));
    const out = resample(await open(16_000, 48_000), square, []);
    const wrapped = out.subarray(60).some((sample, i) => Math.abs(sample - out[i + 59]!) > 40_000);
    expect(out.includes(32_767)).toBe(true);
    expect(wrapped).toBe(false);
  });

  it('converts a chunk of ten seconds at once', async () => {
    const out = resample(await open(8000, 48_000), tone(440, 8000, 80_000), []);
    expect(out).toHaveLength(480_000);
    expect(amplitudeAt(440, 48_000, out.subarray(0, 48_000))).toBeCloseTo(16_000, -2);
  });

  it('passes chunks through uncopied when the rates are equal', async () => {
    const resampler = await open(16_000, 16_000);
    const chunk = tone(440, 16_000, 123);
    expect(resampler.process(chunk)).toBe(chunk);
    expect(resampler.flush()).toHaveLength(0);
  });

  it('forgets the stream on reset and when its converter serves another one', async () => {
    const fresh = await open(8000, 16_000);
    const expected = resample(fresh, tone(500, 8000, 800), [160]);
    fresh.process(tone(900, 8000, 333));
    fresh.reset();
    expect(resample(fresh, tone(500, 8000, 800), [160])).toEqual(expected);
    fresh.process(tone(900, 8000, 333));
    fresh.close();
    expect(resample(await open(8000, 16_000), tone(500, 8000, 800), [160])).toEqual(expected);
  });

  it('keeps streams of the same rates apart', async () => {
    const [left, right] = [await open(8000, 16_000), await open(8000, 16_000)];
    const alone = resample(await open(8000, 16_000), tone(500, 8000, 400), []);
    const first = left.process(tone(500, 8000, 400));
    right.process(tone(900, 8000, 400));
    expect(concatPcm([first, left.flush()])).toEqual(alone);
  });

  it.each([
    [8000, 16_000],
    [16_000, 16_000],
  ])('refuses audio after close, from %d to %d Hz', async (inputRateHz, outputRateHz) => {
    const resampler = await open(inputRateHz, outputRateHz);
    resampler.close();
    resampler.close();
    for (const use of [() => resampler.process(new Int16Array(1)), () => resampler.flush(), () => resampler.reset()]) {
      expect(use).toThrow(expect.objectContaining({ code: 'closed' }));
    }
  });

  it.each([0, -8000, 3999, 192_001, 8000.5, NaN])('refuses a rate of %s Hz', async (rateHz) => {
    await expect(open(rateHz, 16_000)).rejects.toMatchObject({ code: 'invalid_setting' });
    await expect(open(16_000, rateHz)).rejects.toMatchObject({ code: 'invalid_setting' });
  });
});
