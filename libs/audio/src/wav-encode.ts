import { AudioError } from './audio-error.js';
import { pcmToBytes } from './pcm-bytes.js';

const HEADER_BYTES = 44;

/**
 * Encodes 16-bit samples, channels interleaved, as a PCM WAV file with the plain 44-byte header.
 * @param audio.channels 1 to 32767
 * @defaultValue `channels` 1
 * @throws {AudioError} `wav_unencodable` when the samples are not whole frames or reach 4 GiB,
 * `invalid_setting` for a rate or a channel count that the header cannot hold
 */
export function encodeWav(audio: { sampleRateHz: number; samples: Int16Array; channels?: number }): Uint8Array {
  const { sampleRateHz, samples, channels = 1 } = audio;
  if (!Number.isInteger(channels) || channels < 1 || channels > 0x7fff) {
    throw new AudioError('invalid_setting', `${channels} channels`);
  }
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 1 || sampleRateHz * channels * 2 > 0xffff_ffff) {
    throw new AudioError('invalid_setting', `a sample rate of ${sampleRateHz} Hz`);
  }
  const dataBytes = samples.byteLength;
  if (samples.length % channels !== 0 || dataBytes + HEADER_BYTES > 0xffff_ffff) {
    throw new AudioError('wav_unencodable', `${samples.length} samples of ${channels} channels`);
  }
  const bytes = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(bytes.buffer);
  writeId(bytes, 0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  writeId(bytes, 8, 'WAVE');
  writeId(bytes, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  writeId(bytes, 36, 'data');
  view.setUint32(40, dataBytes, true);
  bytes.set(pcmToBytes(samples), HEADER_BYTES);
  return bytes;
}

function writeId(bytes: Uint8Array, offset: number, id: string): void {
  for (let i = 0; i < id.length; i++) bytes[offset + i] = id.charCodeAt(i);
}
