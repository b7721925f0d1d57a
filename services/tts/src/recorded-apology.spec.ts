import { describe, expect, it } from '@jest/globals';
import { peakDbfs, samplesToMs } from '@parley/audio';
import { loadRecordedApology } from './recorded-apology.js';

describe('the recorded apology', () => {
  it.each([8000, 16_000, 24_000])('is some seconds of voice at %i Hz', async (rateHz) => {
    const pcm = await (await loadRecordedApology()).in(rateHz);
    expect(samplesToMs(pcm.length, rateHz)).toBeGreaterThan(2000);
    expect(samplesToMs(pcm.length, rateHz)).toBeLessThan(10_000);
    expect(peakDbfs(pcm)).toBeGreaterThan(-12);
  });

  it('is another file where one is set, and refused when that is none', async () => {
    await expect(loadRecordedApology('/nowhere.wav')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(loadRecordedApology(new URL(import.meta.url).pathname)).rejects.toMatchObject({ name: 'AudioError' });
  });
});
