import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeWav } from './wav-decode.js';
import { encodeWav } from './wav-encode.js';

interface WavParts {
  code?: number;
  bits?: number;
  channels?: number;
  extensible?: boolean;
  dataSize?: number;
  riffSize?: number;
  before?: number[];
  blockBytes?: number;
}

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const u16 = (value: number) => [value & 0xff, (value >> 8) & 0xff];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];

/** A WAV file of the given parts around `data`, built without the encoder under test. */
function wavOf(data: number[], parts: WavParts = {}): Uint8Array {
  const { code = 1, bits = 16, channels = 1, extensible = false, before = [] } = parts;
  const blockBytes = parts.blockBytes ?? (bits / 8) * channels;
  const core = [...u16(channels), ...u32(8000), ...u32(8000 * blockBytes), ...u16(blockBytes), ...u16(bits)];
  const guid = [...u16(code), 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
  const fmt = extensible
    ? [...u16(0xfffe), ...core, ...u16(22), ...u16(bits), ...u32(4), ...guid]
    : [...u16(code), ...core];
  const body = [...ascii('WAVE'), ...before, ...ascii('fmt '), ...u32(fmt.length), ...fmt];
  body.push(...ascii('data'), ...u32(parts.dataSize ?? data.length), ...data);
  return Uint8Array.from([...ascii('RIFF'), ...u32(parts.riffSize ?? body.length), ...body]);
}

const bytesOf = (array: Float32Array | Float64Array | Int32Array) => [...new Uint8Array(array.buffer)];
const samplesOf = (bytes: Uint8Array) => [...decodeWav(bytes).samples];
const code = (value: string) => expect.objectContaining({ name: 'AudioError', code: value });

describe('decodeWav', () => {
  it.each<[string, number[], WavParts, number[]]>([
    ['8-bit PCM', [0, 128, 255], { bits: 8 }, [-32_768, 0, 32_512]],
    ['16-bit PCM', [0x34, 0x12, 0xff, 0xff], {}, [0x1234, -1]],
    ['24-bit PCM', [0x99, 0x34, 0x12, 0x00, 0xff, 0xff], { bits: 24 }, [0x1234, -1]],
    ['32-bit PCM', bytesOf(Int32Array.of(0x12345678, -1)), { bits: 32 }, [0x1234, -1]],
    [
      '32-bit float',
      bytesOf(Float32Array.of(0.5, -1, 2, -2, NaN)),
      { code: 3, bits: 32 },
      [16_384, -32_768, 32_767, -32_768, 0],
    ],
    ['64-bit float', bytesOf(Float64Array.of(-0.5)), { code: 3, bits: 64 }, [-16_384]],
    ['A-law', [0xd5, 0x2a], { code: 6, bits: 8 }, [8, -32_256]],
    ['mu-law', [0xff, 0x80], { code: 7, bits: 8 }, [0, 32_124]],
    ['extensible PCM', [0x34, 0x12], { extensible: true }, [0x1234]],
    ['extensible mu-law', [0x80], { extensible: true, code: 7, bits: 8 }, [32_124]],
  ])('decodes %s', (_name, data, parts, expected) => {
    expect(samplesOf(wavOf(data, parts))).toEqual(expected);
  });

  it('reports the rate and keeps channels interleaved', () => {
    expect(decodeWav(wavOf([1, 0, 2, 0], { channels: 2 }))).toEqual({
      sampleRateHz: 8000,
      channels: 2,
      samples: Int16Array.of(1, 2),
    });
  });

  it('skips chunks that it does not know, with their padding', () => {
    const before = [...ascii('LIST'), ...u32(3), 1, 2, 3, 0];
    expect(samplesOf(wavOf([7, 0], { before }))).toEqual([7]);
  });

  it.each<[string, WavParts]>([
    ['0xFFFFFFFF', { dataSize: 0xffff_ffff, riffSize: 0xffff_ffff }],
    ['just below 2 GiB', { dataSize: 0x7fff_f000, riffSize: 0x7fff_f024 }],
    ['0 in a file of size 0', { dataSize: 0, riffSize: 0 }],
    ['0 in a file that ends with its header', { dataSize: 0, riffSize: 36 }],
    ['0 in a file of unknown size', { dataSize: 0, riffSize: 0xffff_ffff }],
  ])('reads to the end when the data size is %s', (_name, parts) => {
    expect(samplesOf(wavOf([1, 0, 2, 0, 9], parts))).toEqual([1, 2]);
  });

  it('decodes an empty data chunk as no audio when another chunk follows it', () => {
    expect(samplesOf(wavOf([...ascii('LIST'), ...u32(0)], { dataSize: 0 }))).toEqual([]);
  });

  it('reads a file that stands at an odd offset of its buffer', () => {
    const wav = wavOf([0x34, 0x12]);
    const shifted = new Uint8Array(wav.length + 1);
    shifted.set(wav, 1);
    expect(samplesOf(shifted.subarray(1))).toEqual([0x1234]);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'wav_invalid'],
    ['another file', Uint8Array.from(ascii('OggS............')), 'wav_invalid'],
    ['no chunks', Uint8Array.from([...ascii('RIFF'), ...u32(4), ...ascii('WAVE')]), 'wav_invalid'],
    ['zero channels', wavOf([], { channels: 0 }), 'wav_invalid'],
    ['a block that does not fit the bits', wavOf([1, 0], { blockBytes: 3 }), 'wav_invalid'],
    ['less audio than announced', wavOf([1, 0], { dataSize: 4 }), 'wav_truncated'],
    ['half a frame', wavOf([1, 0], { channels: 2 }), 'wav_truncated'],
    ['a cut off fmt chunk', wavOf([]).subarray(0, 30), 'wav_truncated'],
    ['ADPCM', wavOf([1, 2], { code: 2, bits: 8 }), 'wav_unsupported'],
    ['16-bit float', wavOf([1, 2], { code: 3 }), 'wav_unsupported'],
  ])('refuses %s', (_name, bytes, expected) => {
    expect(() => decodeWav(bytes)).toThrow(code(expected));
  });

  it('refuses a data chunk before the fmt chunk', () => {
    const bytes = [...ascii('RIFF'), ...u32(14), ...ascii('WAVE'), ...ascii('data'), ...u32(2), 1, 0];
    expect(() => decodeWav(Uint8Array.from(bytes))).toThrow(code('wav_invalid'));
  });

  it('answers any bytes with audio or a coded error', () => {
    const valid = wavOf([1, 0, 2, 0], { extensible: true });
    const damaged = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), valid));
    const cut = fc.tuple(damaged, fc.nat(valid.length)).map(([bytes, length]) => bytes.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(damaged, cut, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        try {
          expect(decodeWav(bytes).samples).toBeInstanceOf(Int16Array);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^wav_/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('encodeWav', () => {
  it('writes what decodeWav reads', () => {
    fc.assert(
      fc.property(
        fc.int16Array({ maxLength: 100 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 192_000 }),
        (pcm, channels, sampleRateHz) => {
          const samples = pcm.slice(0, pcm.length - (pcm.length % channels));
          expect(decodeWav(encodeWav({ sampleRateHz, channels, samples }))).toEqual({
            sampleRateHz,
            channels,
            samples,
          });
        },
      ),
    );
  });

  it('writes the plain 44-byte header, mono unless told', () => {
    expect(encodeWav({ sampleRateHz: 8000, samples: Int16Array.of(1, -1) })).toEqual(wavOf([1, 0, 0xff, 0xff]));
  });

  it('refuses half a frame and impossible settings', () => {
    const samples = new Int16Array(3);
    expect(() => encodeWav({ sampleRateHz: 8000, channels: 2, samples })).toThrow(code('wav_unencodable'));
    expect(() => encodeWav({ sampleRateHz: 0, samples })).toThrow(code('invalid_setting'));
    expect(() => encodeWav({ sampleRateHz: 8000, channels: 0, samples })).toThrow(code('invalid_setting'));
  });
});
