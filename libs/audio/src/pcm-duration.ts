import { AudioError } from './audio-error.js';

/** Bytes of one sample of 16-bit mono PCM. */
export const BYTES_PER_SAMPLE = 2;

/** Duration of `samples` mono samples; fractions of a millisecond are kept. */
export function samplesToMs(samples: number, sampleRateHz: number): number {
  return (samples * 1000) / sampleRateHz;
}

/** How many whole mono samples last `ms`, rounded to the nearest. */
export function msToSamples(ms: number, sampleRateHz: number): number {
  return Math.round((ms * sampleRateHz) / 1000);
}

/** How many bytes `samples` samples of 16-bit mono PCM take. */
export function samplesToBytes(samples: number): number {
  return samples * BYTES_PER_SAMPLE;
}

/**
 * How many samples of 16-bit mono PCM `bytes` bytes hold.
 * @throws {AudioError} `odd_length`
 */
export function bytesToSamples(bytes: number): number {
  if (bytes % BYTES_PER_SAMPLE !== 0) throw new AudioError('odd_length', `${bytes} bytes are not whole 16-bit samples`);
  return bytes / BYTES_PER_SAMPLE;
}

/**
 * Duration of `bytes` bytes of 16-bit mono PCM.
 * @throws {AudioError} `odd_length`
 */
export function bytesToMs(bytes: number, sampleRateHz: number): number {
  return samplesToMs(bytesToSamples(bytes), sampleRateHz);
}

/** How many bytes of 16-bit mono PCM last `ms`, in whole samples. */
export function msToBytes(ms: number, sampleRateHz: number): number {
  return samplesToBytes(msToSamples(ms, sampleRateHz));
}
