import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CODECS, FRAME_HEADER_BYTES, MAX_FRAME_PAYLOAD_BYTES, decodeFrame, encodeFrame, type AudioFrame, type Codec } from './audio-frame.js'; // prettier-ignore
import { ContractError } from './contract-error.js';

const FRAME: AudioFrame = {
  codec: 'pcm_s16le',
  sampleRateHz: 16_000,
  epoch: 0x01020304,
  seq: 0x0a0b0c0d,
  reply: 7,
  sentence: 0x0102,
  pts: 0xfffffffe,
  lastOfSentence: true,
  lastOfReply: false,
  fence: true,
  payload: Uint8Array.of(0xde, 0xad),
};
const GOLDEN = '0101a000040302010d0c0b0a07000000020105 00feffffffdead'.replace(' ', '');

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const anyFrame = fc.record({
  codec: fc.constantFrom(...(Object.keys(CODECS) as Codec[])),
  sampleRateHz: fc.integer({ min: 1, max: 0xffff }).map((hundreds) => hundreds * 100),
  epoch: u32,
  seq: u32,
  reply: u32,
  sentence: fc.integer({ min: 0, max: 0xffff }),
  pts: u32,
  lastOfSentence: fc.boolean(),
  lastOfReply: fc.boolean(),
  fence: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 2000 }),
});

describe('frame codec', () => {
  it('writes exactly the bytes of the contract', () => {
    expect(encodeFrame(FRAME).toString('hex')).toBe(GOLDEN);
  });

  it('reads exactly the bytes of the contract', () => {
    const read = decodeFrame(Buffer.from(GOLDEN, 'hex'));
    expect({ ...read, payload: [...read.payload] }).toEqual({ ...FRAME, payload: [0xde, 0xad] });
  });

  it('gives back every frame that it takes', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const read = decodeFrame(encodeFrame(frame));
        expect({ ...read, payload: [...read.payload] }).toEqual({ ...frame, payload: [...frame.payload] });
      }),
    );
  });

  it('reads or refuses any bytes, and reads a view at any offset', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 0, max: 8 }), (bytes, offset) => {
        const view = bytes.subarray(Math.min(offset, bytes.length));
        try {
          const frame = decodeFrame(view);
          expect(frame.payload.byteLength).toBe(view.byteLength - FRAME_HEADER_BYTES);
          expect(encodeFrame(frame).subarray(0, 16)).toEqual(Buffer.from(view.subarray(0, 16)));
        } catch (error) {
          expect(error).toBeInstanceOf(ContractError);
        }
      }),
    );
  });

  it('does not copy the payload', () => {
    const bytes = encodeFrame(FRAME);
    const { payload } = decodeFrame(bytes);
    bytes[FRAME_HEADER_BYTES] = 0x55;
    expect(payload[0]).toBe(0x55);
  });

  it('ignores flags that it does not know', () => {
    const bytes = encodeFrame({ ...FRAME, lastOfSentence: false, fence: false });
    bytes.writeUInt16LE(0xfff8, 18);
    expect(decodeFrame(bytes)).toMatchObject({ lastOfSentence: false, lastOfReply: false, fence: false });
  });

  it.each([
    ['fewer bytes than a header', (good: Buffer) => good.subarray(0, 23), 'invalid_frame'],
    ['no bytes', () => Buffer.alloc(0), 'invalid_frame'],
    ['another version', (good: Buffer) => Buffer.concat([Buffer.of(2), good.subarray(1)]), 'unsupported_version'],
    ['codec 0', (good: Buffer) => Buffer.concat([Buffer.of(1, 0), good.subarray(2)]), 'invalid_frame'],
    ['codec 5', (good: Buffer) => Buffer.concat([Buffer.of(1, 5), good.subarray(2)]), 'invalid_frame'],
    ['too long a payload', (good: Buffer) => Buffer.concat([good, Buffer.alloc(MAX_FRAME_PAYLOAD_BYTES)]), 'invalid_frame'], // prettier-ignore
  ])('refuses %s', (_, spoil, code) => {
    expect(() => decodeFrame(spoil(encodeFrame(FRAME)))).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    { payload: new Uint8Array(MAX_FRAME_PAYLOAD_BYTES + 1) },
    { sampleRateHz: 11_025 },
    { sampleRateHz: Number.NaN },
    { epoch: -1 },
    { seq: 2 ** 32 },
    { reply: 1.5 },
    { sentence: 65_536 },
    { pts: Number.POSITIVE_INFINITY },
    { codec: 'mp3' as Codec },
  ])('does not write a frame that cannot be read back: %#', (wrong) => {
    expect(() => encodeFrame({ ...FRAME, ...wrong })).toThrow(expect.objectContaining({ code: 'invalid_frame' }));
  });

  it('takes the largest payload, and lets pts wrap around', () => {
    const frame = { ...FRAME, pts: 2 ** 32 + 5, payload: new Uint8Array(MAX_FRAME_PAYLOAD_BYTES) };
    expect(decodeFrame(encodeFrame(frame))).toMatchObject({ pts: 5 });
  });
});
