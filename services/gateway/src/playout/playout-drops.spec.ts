import { describe, expect, it } from '@jest/globals';
import { frame, sentenceFrames, setUp } from '../../spec-support/heard-playout.js';

describe('Playout', () => {
  it('drops frames of a reply older than the one that plays', () => {
    const { heard, give } = setUp();
    give(sentenceFrames(3, 0, 640));
    give(sentenceFrames(2, 0, 640));
    expect(heard.drops.reply_over).toBe(40);
  });

  it('passes over samples that never come after a short wait', () => {
    const { heard, playout, run } = setUp();
    playout.frame(frame({ reply: 1, pts: 0 }));
    playout.frame(frame({ reply: 1, pts: 640, lastOfSentence: true }));
    playout.replyEnded(1, 1, 'completed');
    run(210);
    expect(heard.pieces).toHaveLength(1);
    run(50);
    expect(heard.pieces.map(({ info }) => info.pts)).toEqual([0, 640]);
    expect(heard.drops.lost).toBe(20);
    expect(heard.endings[0]).toMatchObject({ outcome: 'completed', playedMs: 60, totalMs: 40 });
  });

  it('keeps no more than the bound, counts the rest and goes on', () => {
    const { heard, playout, run, give } = setUp({ maxBufferedMs: 1000 });
    give(sentenceFrames(1, 0, 32_000));
    expect(playout.bufferedMs).toBe(1000);
    expect(heard.lastOverflow).toBe(1);
    expect(heard.drops.overflow).toBe(600);
    playout.replyEnded(1, 1, 'completed');
    run(1700);
    expect(heard.endings[0]).toMatchObject({ outcome: 'completed', totalMs: 1400 });
  });

  it.each([
    ['another rate', { sampleRateHz: 8000 }],
    ['another codec', { codec: 'mulaw' as const }],
    ['half a sample', { payload: Buffer.alloc(3) }],
  ])('drops a frame of %s', (_, part) => {
    const { heard, playout } = setUp();
    playout.frame(frame({ reply: 1, ...part }));
    expect(heard.pieces).toEqual([]);
    expect(heard.drops.format).toBeGreaterThan(0);
  });
});
