import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { concatPcm, decodeWav, downmixToMono, openResampler } from '@parley/audio';
import { CliError, EXIT } from './cli-error.js';
import { CALLER_RATE_HZ } from './microphone.js';

/** What a caller says at one go. */
export interface CallerWav {
  /** The file's name, without its folder. */
  name: string;
  /** 16 kHz mono. */
  pcm: Int16Array;
  /** One after the last sample of speech. */
  speechEndSample: number;
}

/** Below this share of the file's loudest sample it is silence: 30 dB. */
const SILENCE_SHARE = 0.0316;
/** Nothing in a file that stays below this is speech: -50 dBFS. */
const LEAST_PEAK = 104;

/**
 * One after the last sample of speech: the last one louder than 30 dB below the loudest. 0 when nothing is as loud as
 * -50 dBFS.
 */
export function speechEndSample(pcm: Int16Array): number {
  let peak = 0;
  for (const sample of pcm) peak = Math.max(peak, Math.abs(sample));
  if (peak < LEAST_PEAK) return 0;
  for (let end = pcm.length; end > 0; end--) if (Math.abs(pcm[end - 1]!) > peak * SILENCE_SHARE) return end;
  return 0;
}

/**
 * Reads a WAV of any rate and channel count as a caller's voice.
 * @throws {CliError} `wav_unreadable`, `wav_silent`, or the code of what is wrong with the file, such as `wav_invalid`
 */
export async function loadCallerWav(path: string): Promise<CallerWav> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new CliError('wav_unreadable', `${path} cannot be read (${cause.code})`, EXIT.usage, { cause });
  });
  const pcm = await callerPcm(bytes).catch((cause: Error & { code?: string }) => {
    throw new CliError(cause.code ?? 'wav_invalid', `${path}: ${cause.message}`, EXIT.usage, { cause });
  });
  const speechEnd = speechEndSample(pcm);
  if (speechEnd === 0) throw new CliError('wav_silent', `${path} holds no speech`, EXIT.usage);
  return { name: basename(path), pcm, speechEndSample: speechEnd };
}

async function callerPcm(bytes: Uint8Array): Promise<Int16Array> {
  const { sampleRateHz, channels, samples } = decodeWav(bytes);
  const mono = channels === 1 ? samples : downmixToMono(samples, channels);
  const resampler = await openResampler({ inputRateHz: sampleRateHz, outputRateHz: CALLER_RATE_HZ });
  try {
    return concatPcm([resampler.process(mono), resampler.flush()]);
  } finally {
    resampler.close();
  }
}
