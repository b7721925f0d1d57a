import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SilenceTrim } from './silence-trim.js';

const PER_MS = 16;
const silence = (ms: number) => new Array<number>(ms * PER_MS).fill(20);
const voice = (ms: number) => new Array<number>(ms * PER_MS).fill(5000);

/** Streams samples through, so many at a time. */
function trim(samples: number[], atATime = 800): number[] {
  const trimmer = new SilenceTrim();
  const kept: number[] = [];
  for (let at = 0; at < samples.length; at += atATime) {
    kept.push(...trimmer.accept(Int16Array.from(samples.slice(at, at + atATime))));
  }
  return [...kept, ...trimmer.finish()];
}

describe('SilenceTrim', () => {
  it('keeps 50 ms before the voice and 100 ms after it', () => {
    expect(trim([...silence(300), ...voice(500), ...silence(400)])).toEqual([
      ...silence(50),
      ...voice(500),
      ...silence(100),
    ]);
  });

  it('knows how much it left out before the voice', () => {
    const trimmer = new SilenceTrim();
    for (const piece of [silence(100), silence(200), [...silence(40), ...voice(60)]]) {
      trimmer.accept(Int16Array.from(piece));
    }
    expect(trimmer.leftOutSamples).toBe((340 - 50) * PER_MS);
  });

  it('keeps pauses inside, however long', () => {
    const samples = [...silence(50), ...voice(100), ...silence(900), ...voice(100), ...silence(100)];
    expect(trim(samples)).toEqual(samples);
  });

  it('adds no silence where there was less', () => {
    expect(trim([...silence(10), ...voice(100), ...silence(10)])).toHaveLength(120 * PER_MS);
  });

  it('gives nothing of mere silence', () => {
    expect(trim(silence(700))).toEqual([]);
  });

  it('gives voice as soon as it comes, and holds back only silence', () => {
    const trimmer = new SilenceTrim();
    expect(trimmer.accept(Int16Array.from(silence(50)))).toHaveLength(0);
    expect(trimmer.accept(Int16Array.from(voice(50)))).toHaveLength(100 * PER_MS);
    expect(trimmer.accept(Int16Array.from(silence(50)))).toHaveLength(0);
    expect(trimmer.accept(Int16Array.from(voice(50)))).toHaveLength(100 * PER_MS);
  });

  it('loses no voice, whatever the length of the chunks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (atATime) => {
        const kept = trim([...silence(120), ...voice(230), ...silence(170)], atATime);
        expect(kept.filter((sample) => sample === 5000)).toHaveLength(230 * PER_MS);
        expect(kept.length).toBeLessThanOrEqual((60 + 230 + 110) * PER_MS);
      }),
      { numRuns: 40 },
    );
  });
});
