import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JitterBuffer } from './jitter-buffer.js';

/** At 1000 Hz a sample lasts a millisecond. */
const bufferOf = (targetMs = 20, maxMs = 100) => new JitterBuffer({ sampleRateHz: 1000, targetMs, maxMs });
/** Ten samples that tell their frame. */
const frame = (seq: number, samples = 10) => new Int16Array(samples).fill(seq);
const pullFrame = (buffer: JitterBuffer) => [...new Set(buffer.pull(10))];

describe('JitterBuffer', () => {
  it('gives silence until the target is there, and that is no underrun', () => {
    const buffer = bufferOf();
    buffer.push(1, frame(1));
    expect(pullFrame(buffer)).toEqual([0]);
    buffer.push(2, frame(2));
    expect(buffer.bufferedMs).toBe(20);
    expect([pullFrame(buffer), pullFrame(buffer)]).toEqual([[1], [2]]);
    expect(buffer.counts).toMatchObject({ underruns: 0, silentSamples: 10, playedSamples: 20 });
  });

  it('plays frames by number, not by arrival', () => {
    const buffer = bufferOf(30);
    for (const seq of [3, 1, 2]) expect(buffer.push(seq, frame(seq))).toBe('queued');
    expect([...buffer.pull(30)]).toEqual([...frame(1), ...frame(2), ...frame(3)]);
  });

  it('serves pulls of any length across frames', () => {
    const buffer = bufferOf();
    buffer.push(1, frame(1));
    buffer.push(2, frame(2));
    expect([...buffer.pull(7), ...buffer.pull(9), ...buffer.pull(4)]).toEqual([...frame(1), ...frame(2)]);
  });

  it('counts running dry once and waits for the target again', () => {
    const buffer = bufferOf();
    buffer.push(1, frame(1));
    buffer.push(2, frame(2));
    expect([...buffer.pull(25)].slice(20)).toEqual([0, 0, 0, 0, 0]);
    buffer.push(3, frame(3));
    expect(pullFrame(buffer)).toEqual([0]);
    expect(buffer.counts.underruns).toBe(1);
    buffer.push(4, frame(4));
    expect([pullFrame(buffer), pullFrame(buffer)]).toEqual([[3], [4]]);
  });

  it('plays what is left when told that nothing follows, without an underrun', () => {
    const buffer = bufferOf();
    buffer.push(1, frame(1));
    buffer.end();
    expect([pullFrame(buffer), pullFrame(buffer)]).toEqual([[1], [0]]);
    expect(buffer.counts.underruns).toBe(0);
    buffer.push(2, frame(2));
    expect(pullFrame(buffer)).toEqual([0]);
  });

  it('plays a missing frame as silence of its length and drops it when it comes late', () => {
    const buffer = bufferOf();
    for (const seq of [1, 3]) buffer.push(seq, frame(seq));
    expect([pullFrame(buffer), pullFrame(buffer)]).toEqual([[1], [0]]);
    expect(buffer.push(2, frame(2))).toBe('late');
    expect(pullFrame(buffer)).toEqual([3]);
    expect(buffer.counts).toMatchObject({ missingFrames: 1, lateFrames: 1 });
  });

  it('cuts a long gap short at the target', () => {
    const buffer = bufferOf();
    for (const seq of [1, 50]) buffer.push(seq, frame(seq));
    expect([...buffer.pull(40)]).toEqual([...frame(1), ...frame(0, 20), ...frame(50)]);
    expect(buffer.counts.missingFrames).toBe(48);
  });

  it('takes a frame once', () => {
    const buffer = bufferOf();
    buffer.push(1, frame(1));
    expect(buffer.push(1, frame(9))).toBe('duplicate');
    buffer.push(2, frame(2));
    expect(pullFrame(buffer)).toEqual([1]);
    expect(buffer.push(1, frame(9))).toBe('late');
    expect(buffer.counts).toMatchObject({ duplicateFrames: 1, lateFrames: 1 });
  });

  it('drops the oldest beyond the maximum and goes on behind it', () => {
    const buffer = bufferOf(20, 30);
    for (const seq of [1, 2, 3, 4]) expect(buffer.push(seq, frame(seq))).toBe('queued');
    expect(buffer.bufferedMs).toBe(30);
    expect(pullFrame(buffer)).toEqual([2]);
    expect(buffer.counts).toMatchObject({ overflowFrames: 1, missingFrames: 0, silentSamples: 0 });
  });

  it('says overflow when the pushed frame is the one that does not fit', () => {
    const buffer = bufferOf(20, 30);
    for (const seq of [2, 3, 4]) buffer.push(seq, frame(seq));
    expect(buffer.push(1, frame(1))).toBe('overflow');
    expect(buffer.push(9, frame(9, 31))).toBe('overflow');
    expect(buffer.bufferedMs).toBe(0);
  });

  it('is bounded when frames are empty', () => {
    const buffer = bufferOf(20, 30);
    for (let seq = 1; seq <= 1000; seq++) buffer.push(seq, new Int16Array(0));
    expect(buffer.counts.overflowFrames).toBe(970);
    expect(pullFrame(buffer)).toEqual([0]);
  });

  it('forgets numbering and audio on reset', () => {
    const buffer = bufferOf();
    for (const seq of [5, 6]) buffer.push(seq, frame(seq));
    buffer.pull(5);
    buffer.reset();
    expect(buffer.bufferedMs).toBe(0);
    for (const seq of [1, 2]) expect(buffer.push(seq, frame(seq))).toBe('queued');
    expect(pullFrame(buffer)).toEqual([1]);
  });

  it.each([
    [20, 20],
    [-1, 20],
    [NaN, 20],
  ])('refuses a target of %s ms with a maximum of %s ms', (targetMs, maxMs) => {
    expect(() => bufferOf(targetMs, maxMs)).toThrow(expect.objectContaining({ code: 'invalid_setting' }));
  });

  it('stays in its bounds, plays in order and accounts for every sample and frame', () => {
    const push = fc.record({ seq: fc.integer({ min: 1, max: 40 }), samples: fc.integer({ min: 0, max: 25 }) });
    const pull = fc.record({ pull: fc.integer({ min: 0, max: 30 }) });
    fc.assert(
      fc.property(fc.array(fc.oneof(push, pull), { maxLength: 120 }), (steps) => {
        const buffer = bufferOf(20, 60);
        const verdicts = { queued: 0, late: 0, duplicate: 0, overflow: 0 };
        const heard: number[] = [];
        let pulled = 0;
        for (const step of steps) {
          if ('pull' in step) {
            const pcm = buffer.pull(step.pull);
            expect(pcm).toHaveLength(step.pull);
            heard.push(...pcm.filter((sample) => sample !== 0));
            pulled += step.pull;
          } else {
            verdicts[buffer.push(step.seq, frame(step.seq, step.samples))]++;
          }
          expect(buffer.bufferedMs).toBeLessThanOrEqual(60);
          expect(buffer.bufferedMs).toBeGreaterThanOrEqual(0);
        }
        const { counts } = buffer;
        expect(counts.playedSamples).toBe(heard.length);
        expect(counts.playedSamples + counts.silentSamples).toBe(pulled);
        expect(heard).toEqual([...heard].sort((a, b) => a - b));
        expect([counts.lateFrames, counts.duplicateFrames]).toEqual([verdicts.late, verdicts.duplicate]);
        expect(counts.overflowFrames).toBeGreaterThanOrEqual(verdicts.overflow);
      }),
      { numRuns: 300 },
    );
  });

  it('plays everything of a shuffled stream whose disorder is within the target', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 5, maxLength: 60 }), (swaps) => {
        const order = swaps.map((_, i) => i + 1);
        for (let i = 0; i + 1 < order.length; i += 2) {
          if (swaps[i]) [order[i], order[i + 1]] = [order[i + 1]!, order[i]!];
        }
        const buffer = bufferOf(40);
        const heard: number[] = [];
        for (const seq of order) {
          buffer.push(seq, frame(seq));
          heard.push(...buffer.pull(10));
        }
        buffer.end();
        heard.push(...buffer.pull(100));
        const played = heard.filter((sample) => sample !== 0);
        expect(played).toEqual(swaps.flatMap((_, i) => [...frame(i + 1)]));
      }),
    );
  });
});
