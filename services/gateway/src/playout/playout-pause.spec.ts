import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sentenceFrames, setUp, SAMPLES_PER_MS } from '../../spec-support/heard-playout.js';

describe('Playout that is paused', () => {
  it('stands still, and goes on with the sample after the last one, when the speaker is held', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    playout.replyEnded(1, 1, 'completed');
    run(300);
    const sentMs = heard.ms;
    expect(playout.pause(true)).toBe(true);
    run(5000);
    expect(heard.ms).toBe(sentMs);
    expect(playout.active).toBe(false);
    playout.unpause();
    run(2000);
    expect(heard.ms).toBe(1000);
    expect(heard.log).toEqual(['started 1', 'paused 1.0 at 300 held', 'resumed 1.0 at 300', 'ended 1 completed']);
    expect(heard.endings[0]).toMatchObject({ totalMs: 1000, atMs: 6000 });
    expect([heard.underruns, heard.lateMs]).toEqual([[], 0]);
  });

  it('lets a speaker that cannot be held play what it has, and no more', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    playout.replyEnded(1, 1, 'completed');
    run(300);
    const sentMs = heard.ms;
    playout.pause(false);
    run(5000);
    expect(heard.ms).toBe(sentMs);
    playout.unpause();
    run(2000);
    expect(heard.ms).toBe(1000);
    expect(heard.endings[0]).toMatchObject({ totalMs: 1000, atMs: 5300 + 1000 - sentMs });
    expect(heard.underruns).toEqual([]);
  });

  it('ends where it was held when it is interrupted, and plays the next reply', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    run(300);
    playout.pause(true);
    run(700);
    playout.replyInterrupted(1);
    expect(heard.log.slice(2)).toEqual(['flush 1', 'ended 1 interrupted']);
    expect(heard.endings[0]).toMatchObject({ playedMs: 300, totalMs: 300 });
    give(sentenceFrames(2, 0, 320));
    playout.replyEnded(2, 1, 'completed');
    run(100);
    expect(heard.log.slice(4)).toEqual(['started 2', 'ended 2 completed']);
  });

  it('believes the speaker rather than the clock, unless it says what cannot be', () => {
    const heardMs = (pts: number, reply = 1) => {
      const { heard, playout, run, give } = setUp();
      give(sentenceFrames(1, 0, 16_000));
      run(300);
      playout.pause(true);
      playout.heard({ reply, sentence: 0, pts });
      playout.replyInterrupted(1);
      return heard.endings[0]?.playedMs;
    };
    expect(heardMs(260 * SAMPLES_PER_MS)).toBe(260);
    expect(heardMs(900 * SAMPLES_PER_MS)).toBe(300);
    expect(heardMs(260 * SAMPLES_PER_MS, 2)).toBe(300);
  });

  it('forgets where the speaker was held when it goes on', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    playout.replyEnded(1, 1, 'completed');
    run(300);
    playout.pause(true);
    playout.heard({ reply: 1, sentence: 0, pts: 260 * SAMPLES_PER_MS });
    playout.unpause();
    run(1000);
    expect(heard.endings[0]).toMatchObject({ outcome: 'completed', playedMs: 1000, totalMs: 1000 });
  });

  it('is nothing to pause before a reply has begun, after it, or twice', () => {
    const { playout, run, give } = setUp();
    expect(playout.pause(true)).toBe(false);
    playout.replyStarted(1, 1);
    expect(playout.pause(true)).toBe(false);
    give(sentenceFrames(1, 0, 320));
    playout.replyEnded(1, 1, 'completed');
    expect(playout.pause(true)).toBe(true);
    expect(playout.pause(true)).toBe(false);
    playout.unpause();
    run(100);
    expect(playout.pause(true)).toBe(false);
  });

  it('waits for voice that stays away from when it goes on', () => {
    const { heard, playout, run, give } = setUp({ stallMs: 1000 });
    give(sentenceFrames(1, 0, 3200));
    playout.replyEnded(1, 2, 'completed');
    run(100);
    playout.pause(true);
    run(10_000);
    playout.unpause();
    run(1000);
    give(sentenceFrames(1, 1, 3200));
    run(1000);
    expect(heard.log.at(-1)).toBe('ended 1 completed');
  });

  it('loses and doubles no sample, however often it is paused', () => {
    const pauses = fc.array(fc.record({ afterMs: fc.nat(400), forMs: fc.nat(1500), holds: fc.boolean() }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(pauses, (pauses) => {
        const { heard, playout, run, give } = setUp();
        give([...sentenceFrames(1, 0, 8000), ...sentenceFrames(1, 1, 8000)]);
        playout.replyEnded(1, 2, 'completed');
        for (const { afterMs, forMs, holds } of pauses) {
          run(afterMs);
          playout.pause(holds);
          run(forMs);
          playout.unpause();
        }
        run(3000);
        expect(heard.pieces.map(({ info, pcm }) => [info.sentence, info.pts, pcm.byteLength / 2])).toEqual(
          [0, 1].flatMap((sentence) => Array.from({ length: 25 }, (_, i) => [sentence, i * 320, 320])),
        );
        expect(heard.endings).toMatchObject([{ outcome: 'completed', totalMs: 1000 }]);
        expect(heard.underruns).toEqual([]);
      }),
    );
  });
});
