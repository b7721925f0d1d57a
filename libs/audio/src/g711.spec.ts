import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.js';

const ALL_CODES = Uint8Array.from({ length: 256 }, (_, code) => code);
const ALL_SAMPLES = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);

// G.711 tables 1a and 2a give values of 13 and 14 bits: times 8 and times 4 here.
const MULAW_VALUES: [code: number, sample: number][] = [
  [0xff, 0],
  [0xfe, 2 * 4],
  [0xf0, 30 * 4],
  [0xef, 33 * 4],
  [0xe0, 93 * 4],
  [0xdf, 99 * 4],
  [0xcf, 231 * 4],
  [0xbf, 495 * 4],
  [0xaf, 1023 * 4],
  [0x9f, 2079 * 4],
  [0x8f, 4191 * 4],
  [0x80, 8031 * 4],
  [0x7e, -2 * 4],
  [0x0f, -4191 * 4],
  [0x00, -8031 * 4],
];
const ALAW_VALUES: [code: number, sample: number][] = [
  [0xd5, 1 * 8],
  [0xd4, 3 * 8],
  [0xc5, 33 * 8],
  [0xf5, 66 * 8],
  [0xe5, 132 * 8],
  [0x95, 264 * 8],
  [0x85, 528 * 8],
  [0xb5, 1056 * 8],
  [0xa5, 2112 * 8],
  [0xaa, 4032 * 8],
  [0x55, -1 * 8],
  [0x25, -2112 * 8],
  [0x2a, -4032 * 8],
];

describe.each([
  { law: 'mu-law', encode: encodeMulaw, decode: decodeMulaw, values: MULAW_VALUES, clip: 32_124, quietStep: 8 },
  { law: 'A-law', encode: encodeAlaw, decode: decodeAlaw, values: ALAW_VALUES, clip: 32_256, quietStep: 16 },
])('$law', ({ encode, decode, values, clip, quietStep }) => {
  it.each(values)('decodes 0x%p to the value of the table', (code, sample) => {
    expect(decode(Uint8Array.of(code))[0]).toBe(sample);
    expect(encode(Int16Array.of(sample))[0]).toBe(code);
  });

  it('keeps every value that it can decode', () => {
    const decoded = decode(ALL_CODES);
    expect(decode(encode(decoded))).toEqual(decoded);
  });

  it('never lets a louder sample come back quieter', () => {
    const decoded = decode(encode(ALL_SAMPLES));
    expect(decoded.every((sample, i) => i === 0 || sample >= decoded[i - 1]!)).toBe(true);
  });

  it('is off by half a step at most, a step being a sixteenth of the segment', () => {
    fc.assert(
      fc.property(fc.integer({ min: -clip, max: clip }), (sample) => {
        const back = decode(encode(Int16Array.of(sample)))[0]!;
        expect(Math.abs(back - sample)).toBeLessThanOrEqual(Math.max(quietStep, Math.abs(sample) / 16));
        expect(back * sample).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('keeps the length', () => {
    expect(encode(new Int16Array(0))).toHaveLength(0);
    expect(decode(new Uint8Array(160))).toHaveLength(160);
  });
});

it('encodes digital silence as the quietest positive code', () => {
  expect(encodeMulaw(Int16Array.of(0))[0]).toBe(0xff);
  expect(encodeAlaw(Int16Array.of(0))[0]).toBe(0xd5);
});
