import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeWav } from '@parley/audio';
import { loadCallerWav, speechEndSample } from './caller-wav.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

function tone(samples: number, rateHz: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / rateHz)));
}

describe('speechEndSample', () => {
  it('is one after the last sample louder than 30 dB below the peak', () => {
    expect(speechEndSample(Int16Array.from([0, 10_000, -400, 300, 0]))).toBe(3);
  });

  it('is 0 where nothing is loud enough to be speech', () => {
    expect(speechEndSample(Int16Array.from([0, 50, -90]))).toBe(0);
    expect(speechEndSample(new Int16Array(0))).toBe(0);
  });
});

describe('loadCallerWav', () => {
  it('converts a stereo file of another rate to 16 kHz mono', async () => {
    const mono = tone(44_100, 44_100);
    const stereo = Int16Array.from({ length: mono.length * 2 }, (_, i) => mono[i >> 1]!);
    const wav = await loadCallerWav(
      await file('s.wav', encodeWav({ sampleRateHz: 44_100, samples: stereo, channels: 2 })),
    );
    expect(wav.name).toBe('s.wav');
    expect(Math.abs(wav.pcm.length - 16_000)).toBeLessThanOrEqual(1);
    expect(wav.speechEndSample).toBeGreaterThan(15_900);
  });

  it('leaves trailing silence in the audio but not in the speech', async () => {
    const samples = new Int16Array(16_000);
    samples.set(tone(8000, 16_000));
    const wav = await loadCallerWav(await file('t.wav', encodeWav({ sampleRateHz: 16_000, samples })));
    expect(wav.pcm).toHaveLength(16_000);
    expect(wav.speechEndSample).toBeGreaterThan(7900);
    expect(wav.speechEndSample).toBeLessThanOrEqual(8000);
  });

  it.each([
    ['wav_unreadable', () => Promise.resolve(join(folder, 'missing.wav'))],
    ['wav_unreadable', () => Promise.resolve(folder)],
    ['wav_invalid', () => file('x.wav', Buffer.from('this is no WAV file, whatever its name says'))],
    ['wav_silent', () => file('q.wav', encodeWav({ sampleRateHz: 8000, samples: new Int16Array(800) }))],
    ['invalid_setting', () => file('r.wav', encodeWav({ sampleRateHz: 100, samples: tone(100, 100) }))],
  ])('refuses with %s, as usage error', async (code, path) => {
    await expect(path().then(loadCallerWav)).rejects.toMatchObject({ name: 'CliError', code, exitCode: 2 });
  });
});
