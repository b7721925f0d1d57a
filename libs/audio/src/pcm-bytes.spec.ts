import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesToPcm, copyBytesToPcm, copyPcmToBytes, PcmByteStream, pcmToBytes } from './pcm-bytes.js';
import { concatPcm } from './pcm-assembly.js';

const pcmOf = fc.int16Array({ maxLength: 200 });

describe('PCM as bytes', () => {
  it('is little-endian', () => {
    expect([...pcmToBytes(Int16Array.of(0x0102, -2))]).toEqual([0x02, 0x01, 0xfe, 0xff]);
    expect([...bytesToPcm(Uint8Array.of(0x02, 0x01, 0xfe, 0xff))]).toEqual([0x0102, -2]);
  });

  it('shares memory in views and not in copies', () => {
    const pcm = Int16Array.of(1, 2);
    const view = pcmToBytes(pcm);
    const copy = copyPcmToBytes(pcm);
    const pcmView = bytesToPcm(view);
    const pcmCopy = copyBytesToPcm(view);
    pcm[0] = 7;
    expect([view[0], copy[0], pcmView[0], pcmCopy[0]]).toEqual([7, 1, 7, 1]);
  });

  it('reads bytes at any offset of their buffer and comes back to the same bytes', () => {
    fc.assert(
      fc.property(pcmOf, fc.integer({ min: 0, max: 5 }), (pcm, offset) => {
        const buffer = new Uint8Array(offset + pcm.byteLength);
        buffer.set(pcmToBytes(pcm), offset);
        const bytes = buffer.subarray(offset);
        expect(bytesToPcm(bytes)).toEqual(pcm);
        expect(copyBytesToPcm(bytes)).toEqual(pcm);
        expect(copyPcmToBytes(bytesToPcm(bytes))).toEqual(bytes);
      }),
    );
  });

  it('refuses half a sample with odd_length', () => {
    for (const read of [bytesToPcm, copyBytesToPcm]) {
      expect(() => read(new Uint8Array(3))).toThrow(expect.objectContaining({ code: 'odd_length' }));
    }
  });
});

describe('PcmByteStream', () => {
  it('gives the same samples however the bytes are cut', () => {
    fc.assert(
      fc.property(pcmOf, fc.array(fc.integer({ min: 0, max: 9 })), (pcm, cuts) => {
        const bytes = pcmToBytes(pcm);
        const stream = new PcmByteStream();
        const parts: Int16Array[] = [];
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          parts.push(stream.push(bytes.subarray(at, at + length)).slice());
          at = Math.min(bytes.length, at + length);
        }
        stream.end();
        expect(concatPcm(parts)).toEqual(pcm);
      }),
    );
  });

  it('fails with odd_length when the end leaves half a sample', () => {
    const stream = new PcmByteStream();
    expect([...stream.push(Uint8Array.of(1, 0, 5))]).toEqual([1]);
    expect(() => stream.end()).toThrow(expect.objectContaining({ code: 'odd_length' }));
  });
});
