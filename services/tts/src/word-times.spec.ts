import { describe, expect, it } from '@jest/globals';
import type { Payload } from '@parley/contracts';
import fc from 'fast-check';
import { WordTimes } from './word-times.js';

const word = (n: number) => ({ word: `w${n}`, startMs: n * 100, endMs: n * 100 + 90 });

function collecting() {
  const told: Payload<'synthesis.words'>[] = [];
  return { told, times: new WordTimes({ reply: 2, sentence: 1 }, (words) => told.push(words)) };
}

describe('WordTimes', () => {
  it('tells words with the first second of voice, each time that has doubled, and at the end', () => {
    const { told, times } = collecting();
    for (let n = 0; n < 50; n++) times.push([word(n)], 100);
    times.end();
    times.end();
    expect(told.map(({ first, words }) => [first, words.length])).toEqual([
      [0, 10],
      [10, 10],
      [20, 20],
      [40, 10],
    ]);
    expect(told[1]).toEqual({ reply: 2, sentence: 1, first: 10, words: Array.from({ length: 10 }, (_, n) => word(n + 10)) }); // prettier-ignore
  });

  it('tells nothing of a voice without word times', () => {
    const { told, times } = collecting();
    times.push([], 100_000);
    times.end();
    expect(told).toEqual([]);
  });

  it('tells each word once, in order and in few events, whatever the pieces are', () => {
    const pieces = fc.array(fc.record({ words: fc.nat(5), voiceMs: fc.nat(3000) }), { maxLength: 60 });
    fc.assert(
      fc.property(pieces, (made) => {
        const { told, times } = collecting();
        let next = 0;
        let madeMs = 0;
        for (const { words, voiceMs } of made) {
          times.push(Array.from({ length: words }, () => word(next++)), voiceMs); // prettier-ignore
          madeMs += voiceMs;
        }
        times.end();
        expect(told.flatMap(({ words }) => words)).toEqual(Array.from({ length: next }, (_, n) => word(n)));
        expect(told.length).toBeLessThanOrEqual(2 + Math.max(0, Math.log2(Math.max(1, madeMs / 1000))));
        for (const [n, { first }] of told.entries()) {
          expect(first).toBe(told.slice(0, n).reduce((sum, { words }) => sum + words.length, 0));
        }
      }),
    );
  });
});
