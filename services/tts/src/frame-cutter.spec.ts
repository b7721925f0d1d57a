import { describe, expect, it } from '@jest/globals';
import { copyPcmToBytes } from '@parley/audio';
import type { OutgoingFrame } from '@parley/bus';
import fc from 'fast-check';
import { FrameCutter } from './frame-cutter.js';

const FRAME = 160;

/** Cuts voice that comes in pieces of these lengths into frames of 20 ms at 8 kHz. */
function cut(pcm: Int16Array, lengths: readonly number[] = [], frameMs = () => 20) {
  const frames: OutgoingFrame[] = [];
  const cutter = new FrameCutter({ sampleRateHz: 8000, frameMs, reply: 3, sentence: 2 }, (frame) => frames.push(frame));
  let at = 0;
  for (const length of lengths) cutter.push(pcm.subarray(at, (at += length)));
  cutter.push(pcm.subarray(at));
  const { samples } = cutter;
  cutter.end();
  return { frames, samples };
}

const ramp = (samples: number) => Int16Array.from({ length: samples }, (_, i) => i - 1000);

describe('FrameCutter', () => {
  it('cuts frames of equal length, the last one shorter and marked', () => {
    const { frames } = cut(ramp(400));
    expect(frames.map(({ pts, payload, lastOfSentence }) => [pts, payload.length / 2, lastOfSentence])).toEqual([
      [0, 160, false],
      [160, 160, false],
      [320, 80, true],
    ]);
    expect(frames[0]).toMatchObject({
      codec: 'pcm_s16le',
      sampleRateHz: 8000,
      reply: 3,
      sentence: 2,
      lastOfReply: false,
    });
  });

  it('marks an empty frame when the voice fills its frames, and when there is none', () => {
    expect(cut(ramp(320)).frames.at(-1)).toMatchObject({ pts: 320, lastOfSentence: true, payload: new Uint8Array(0) });
    expect(cut(ramp(0)).frames).toMatchObject([{ pts: 0, lastOfSentence: true, payload: new Uint8Array(0) }]);
  });

  it('asks for each frame how long it is to be, up to its limit', () => {
    const frameMs = [20, 60, 1000];
    const { frames } = cut(ramp(4000), [100, 200], () => frameMs.shift() ?? 20);
    expect(frames.map(({ pts, payload }) => [pts, payload.length / 2])).toEqual([
      [0, 160],
      [160, 480],
      [640, 1920],
      ...Array.from({ length: 9 }, (_, i) => [2560 + i * 160, 160]),
      [4000, 0],
    ]);
  });

  it('keeps what it sent when more comes', () => {
    const { frames } = cut(ramp(480), [160, 160]);
    expect(frames[0]?.payload).toEqual(copyPcmToBytes(ramp(480).subarray(0, 160)));
  });

  it('gives the same frames and bytes however the voice comes in pieces', () => {
    fc.assert(
      fc.property(fc.nat(1500), fc.array(fc.nat(400), { maxLength: 12 }), (samples, lengths) => {
        const pcm = ramp(samples);
        const { frames, samples: taken } = cut(pcm, lengths);
        expect(taken).toBe(samples);
        expect(frames).toEqual(cut(pcm).frames);
        expect(Buffer.concat(frames.map(({ payload }) => payload))).toEqual(Buffer.from(copyPcmToBytes(pcm)));
        expect(frames.map(({ pts }) => pts)).toEqual(frames.map((_, i) => i * FRAME));
        expect(frames.slice(0, -1).every(({ payload }) => payload.length === 2 * FRAME)).toBe(true);
        expect(frames.map(({ lastOfSentence }) => lastOfSentence)).toEqual(frames.map((_, i) => i === frames.length - 1)); // prettier-ignore
      }),
    );
  });
});
