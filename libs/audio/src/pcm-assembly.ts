import { AudioError } from './audio-error.js';
import { msToSamples } from './pcm-duration.js';

/** All chunks in order, as one array in memory of its own. */
export function concatPcm(chunks: readonly Int16Array[]): Int16Array {
  let samples = 0;
  for (const chunk of chunks) samples += chunk.length;
  const whole = new Int16Array(samples);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** `ms` of digital silence, mono. */
export function silencePcm(ms: number, sampleRateHz: number): Int16Array {
  return new Int16Array(msToSamples(ms, sampleRateHz));
}

/**
 * Averages interleaved channels into one. Mono is returned as it is, not copied.
 * @throws {AudioError} `invalid_setting` when `channels` is no positive integer or `interleaved` has no whole frames
 */
export function downmixToMono(interleaved: Int16Array, channels: number): Int16Array {
  if (!Number.isInteger(channels) || channels < 1 || interleaved.length % channels !== 0) {
    throw new AudioError('invalid_setting', `${interleaved.length} samples are not frames of ${channels} channels`);
  }
  if (channels === 1) return interleaved;
  const mono = new Int16Array(interleaved.length / channels);
  for (let frame = 0; frame < mono.length; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += interleaved[frame * channels + channel]!;
    mono[frame] = Math.round(sum / channels);
  }
  return mono;
}
