import { AudioError } from './audio-error.js';
import { decodeAlaw, decodeMulaw } from './g711.js';
import { copyBytesToPcm } from './pcm-bytes.js';

/** Decoded audio of a WAV file. */
export interface WavAudio {
  sampleRateHz: number;
  channels: number;
  /** 16-bit samples, channels interleaved, whole frames only. */
  samples: Int16Array;
}

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_ALAW = 6;
const FORMAT_MULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
/** Writers to a pipe announce a size they cannot know as 0, as 0xFFFFFFFF, or as something just below 2 GiB. */
const UNKNOWN_SIZE_BYTES = 0x7fff_f000;

interface WavFormat {
  code: number;
  channels: number;
  sampleRateHz: number;
  bytesPerSample: number;
}

type SampleReader = (view: DataView, offset: number) => number;

const SAMPLE_READERS: Readonly<Record<string, SampleReader>> = {
  [`${FORMAT_PCM}:1`]: (view, offset) => (view.getUint8(offset) - 128) << 8,
  [`${FORMAT_PCM}:3`]: (view, offset) => view.getInt16(offset + 1, true),
  [`${FORMAT_PCM}:4`]: (view, offset) => view.getInt16(offset + 2, true),
  [`${FORMAT_FLOAT}:4`]: (view, offset) => floatToSample(view.getFloat32(offset, true)),
  [`${FORMAT_FLOAT}:8`]: (view, offset) => floatToSample(view.getFloat64(offset, true)),
};

function floatToSample(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
}

function chunkId(view: DataView, offset: number): string {
  return String.fromCharCode(
    view.getUint8(offset),
    view.getUint8(offset + 1),
    view.getUint8(offset + 2),
    view.getUint8(offset + 3),
  );
}

function readFormat(view: DataView, offset: number, sizeBytes: number): WavFormat {
  if (sizeBytes < 16) throw new AudioError('wav_invalid', 'the fmt chunk has less than 16 bytes');
  let code = view.getUint16(offset, true);
  const channels = view.getUint16(offset + 2, true);
  const sampleRateHz = view.getUint32(offset + 4, true);
  const blockBytes = view.getUint16(offset + 12, true);
  const bitsPerSample = view.getUint16(offset + 14, true);
  if (code === FORMAT_EXTENSIBLE) {
    if (sizeBytes < 40) throw new AudioError('wav_invalid', 'the extensible fmt chunk has less than 40 bytes');
    code = view.getUint16(offset + 24, true);
  }
  const bytesPerSample = Math.ceil(bitsPerSample / 8);
  if (channels === 0 || sampleRateHz === 0 || bytesPerSample === 0 || blockBytes !== bytesPerSample * channels) {
    throw new AudioError('wav_invalid', 'the fmt chunk contradicts itself');
  }
  return { code, channels, sampleRateHz, bytesPerSample };
}

function decodeSamples(format: WavFormat, data: Uint8Array): Int16Array {
  const { code, bytesPerSample } = format;
  if (code === FORMAT_PCM && bytesPerSample === 2) return copyBytesToPcm(data);
  if (code === FORMAT_MULAW && bytesPerSample === 1) return decodeMulaw(data);
  if (code === FORMAT_ALAW && bytesPerSample === 1) return decodeAlaw(data);
  const read = SAMPLE_READERS[`${code}:${bytesPerSample}`];
  if (read === undefined) {
    throw new AudioError('wav_unsupported', `format ${code} with ${bytesPerSample * 8} bits is not decoded`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const samples = new Int16Array(data.byteLength / bytesPerSample);
  for (let i = 0; i < samples.length; i++) samples[i] = read(view, i * bytesPerSample);
  return samples;
}

/** The bytes of the data chunk whose content starts at `start`: to the end of the file where its size is unknown. */
function dataBytes(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  sizeBytes: number,
  frameBytes: number,
): Uint8Array {
  const riffBytes = view.getUint32(4, true);
  // an empty data chunk is a placeholder only where the file's announced size is one as well
  const placeholder = sizeBytes === 0 && (riffBytes + 8 <= start || riffBytes >= UNKNOWN_SIZE_BYTES);
  if (placeholder || sizeBytes >= UNKNOWN_SIZE_BYTES) {
    const wholeBytes = Math.floor((bytes.byteLength - start) / frameBytes) * frameBytes;
    return bytes.subarray(start, start + wholeBytes);
  }
  if (start + sizeBytes > bytes.byteLength) {
    throw new AudioError('wav_truncated', `${sizeBytes} bytes of audio announced, ${bytes.byteLength - start} there`);
  }
  if (sizeBytes % frameBytes !== 0) throw new AudioError('wav_truncated', 'the audio ends in the middle of a frame');
  return bytes.subarray(start, start + sizeBytes);
}

/**
 * Decodes a WAV file to 16-bit samples: PCM of 8, 16, 24 and 32 bits, float of 32 and 64 bits, mu-law and A-law, plain
 * or WAVE_FORMAT_EXTENSIBLE. A data chunk of unknown size (0 or 0xFFFFFFFF, as written to a pipe) reaches to the end
 * of the bytes; half a frame at such an end is left out. The result shares no memory with `bytes`.
 * @throws {AudioError} `wav_invalid` when it is no WAV file or has no format or no audio, `wav_truncated` when it ends
 * before its audio does, `wav_unsupported` for another format
 */
export function decodeWav(bytes: Uint8Array): WavAudio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 12 || chunkId(view, 0) !== 'RIFF' || chunkId(view, 8) !== 'WAVE') {
    throw new AudioError('wav_invalid', 'no RIFF/WAVE header');
  }
  let format: WavFormat | undefined;
  for (let offset = 12; offset + 8 <= bytes.byteLength;) {
    const id = chunkId(view, offset);
    const sizeBytes = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (id === 'data') {
      if (format === undefined) throw new AudioError('wav_invalid', 'the data chunk comes before the fmt chunk');
      const { channels, sampleRateHz } = format;
      const data = dataBytes(bytes, view, start, sizeBytes, format.bytesPerSample * channels);
      return { sampleRateHz, channels, samples: decodeSamples(format, data) };
    }
    if (start + sizeBytes > bytes.byteLength) throw new AudioError('wav_truncated', 'a chunk is cut off');
    if (id === 'fmt ') format = readFormat(view, start, sizeBytes);
    // chunks are padded to an even length
    offset = start + sizeBytes + (sizeBytes % 2);
  }
  throw new AudioError('wav_invalid', 'no data chunk');
}
