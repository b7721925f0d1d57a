import { msToSamples } from './pcm-duration.js';

/** How long each key sounds, and how long it is silent behind it. */
const TONE_MS = 80;
const PAUSE_MS = 80;
/** So that a tone begins and ends without a click. */
const RAMP_MS = 3;
/** Of each of the two frequencies: together 9 dB below the loudest. */
const LEVEL = 0.177 * 32_767;

const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477, 1633];
const KEYS = ['123A', '456B', '789C', '*0#D'];

/**
 * The tones of a telephone's keys (ITU-T Q.23): 80 ms each, with 80 ms of silence behind.
 * @param digits of `0-9 A-D * #`; others are passed over
 * @returns mono samples
 */
export function dtmfTones(digits: string, sampleRateHz: number): Int16Array {
  const pairs = [...digits].flatMap((key) => frequenciesOf(key) ?? []);
  const tone = msToSamples(TONE_MS, sampleRateHz);
  const step = tone + msToSamples(PAUSE_MS, sampleRateHz);
  const ramp = msToSamples(RAMP_MS, sampleRateHz);
  const pcm = new Int16Array(pairs.length * step);
  for (const [index, { rowHz, columnHz }] of pairs.entries()) {
    for (let i = 0; i < tone; i++) {
      const loudness = Math.min(1, (i + 1) / ramp, (tone - i) / ramp);
      const angle = (2 * Math.PI * i) / sampleRateHz;
      pcm[index * step + i] = Math.round(LEVEL * loudness * (Math.sin(angle * rowHz) + Math.sin(angle * columnHz)));
    }
  }
  return pcm;
}

function frequenciesOf(key: string): { rowHz: number; columnHz: number } | undefined {
  const row = KEYS.findIndex((keys) => keys.includes(key));
  const [rowHz, columnHz] = [ROWS_HZ[row], COLUMNS_HZ[KEYS[row]?.indexOf(key) ?? -1]];
  return rowHz === undefined || columnHz === undefined ? undefined : { rowHz, columnHz };
}
