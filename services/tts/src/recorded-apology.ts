import { readFile } from 'node:fs/promises';
import { decodeWav, downmixToMono, openResampler } from '@parley/audio';

/** What is played where no engine speaks. */
export interface RecordedApology {
  /** Mono samples in this rate. */
  in(sampleRateHz: number): Promise<Int16Array>;
}

/** Ours, in English: "I am sorry, I cannot speak right now. Please try again in a moment." */
const BUILT_IN = new URL('../assets/apology.wav', import.meta.url);

/**
 * Reads the recording.
 * @param path a WAV file of 16-bit PCM; ours without
 * @throws {AudioError} for what is no such file; what reading it throws
 */
export async function loadRecordedApology(path?: string): Promise<RecordedApology> {
  const { samples, channels, sampleRateHz: recordedHz } = decodeWav(await readFile(path ?? BUILT_IN));
  const mono = downmixToMono(samples, channels);
  const byRate = new Map<number, Promise<Int16Array>>();
  const resampled = async (outputRateHz: number) => {
    if (outputRateHz === recordedHz) return mono;
    const resampler = await openResampler({ inputRateHz: recordedHz, outputRateHz });
    try {
      const [body, end] = [resampler.process(mono), resampler.flush()];
      const whole = new Int16Array(body.length + end.length);
      whole.set(body);
      whole.set(end, body.length);
      return whole;
    } finally {
      resampler.close();
    }
  };
  return {
    in(sampleRateHz) {
      const known = byRate.get(sampleRateHz) ?? resampled(sampleRateHz);
      byRate.set(sampleRateHz, known);
      return known;
    },
  };
}
