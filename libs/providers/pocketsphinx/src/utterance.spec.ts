import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PIECE_SAMPLES, Utterance } from './utterance.js';

const listener = { onText() {}, onRecognition() {}, onFailure() {}, onIdle() {} };

describe('Utterance', () => {
  it('holds back less than a piece until it has ended', () => {
    const utterance = new Utterance([], () => undefined, listener);
    utterance.append(new Int16Array(PIECE_SAMPLES + 1));
    expect(utterance.take()?.length).toBe(PIECE_SAMPLES);
    expect(utterance.take()).toBeUndefined();
    utterance.ended = true;
    expect(utterance.take()?.length).toBe(1);
    expect(utterance.take()).toBeUndefined();
    expect(utterance.bufferedSamples).toBe(0);
  });

  it('gives every sample once and in order, however it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 12 }), (lengths) => {
        const utterance = new Utterance([], () => undefined, listener);
        let next = 0;
        for (const length of lengths) utterance.append(Int16Array.from({ length }, () => next++ % 30_000));
        utterance.ended = true;
        const given: number[] = [];
        for (let piece = utterance.take(); piece; piece = utterance.take()) given.push(...piece);
        expect(given).toEqual(Array.from({ length: next }, (_, i) => i % 30_000));
        expect(utterance.bufferedSamples).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps its own copy of the audio', () => {
    const utterance = new Utterance([], () => undefined, listener);
    const pcm = new Int16Array(PIECE_SAMPLES).fill(7);
    utterance.append(pcm);
    pcm.fill(0);
    expect(utterance.take()?.[0]).toBe(7);
  });
});
