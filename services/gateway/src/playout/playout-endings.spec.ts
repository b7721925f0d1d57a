import { describe, expect, it } from '@jest/globals';
import { frame, sentenceFrames, setUp, voice } from '../../spec-support/heard-playout.js';
import type { Playout } from './playout.js';

describe('Playout', () => {
  it('ends a reply when its last sample has been played, not when it was sent', () => {
    const { heard, playout, run, give } = setUp();
    playout.replyStarted(1, 1);
    give(sentenceFrames(1, 0, 4800));
    playout.replyEnded(1, 1, 'completed');
    expect(heard.ms).toBe(300);
    run(290);
    expect(heard.endings).toEqual([]);
    run(10);
    expect(heard.endings).toEqual([
      { reply: 1, outcome: 'completed', sentence: 0, playedMs: 300, sentenceMs: 300, totalMs: 300, atMs: 300 },
    ]);
    expect(playout.active).toBe(false);
  });

  it('ends a reply by the last-of-reply flag before its text is known to be over', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 320));
    playout.frame(frame({ reply: 1, sentence: 0, pts: 320, samples: 0, lastOfReply: true }));
    run(20);
    expect(heard.log).toEqual(['started 1', 'ended 1 completed']);
    playout.replyEnded(1, 1, 'completed');
    run(20);
    expect(heard.endings).toHaveLength(1);
  });

  it.each([
    ['its text has no sentence', (p: Playout) => p.replyEnded(1, 0, 'completed')],
    [
      'none of its sentences is spoken',
      (p: Playout) => {
        p.unspoken(1, 0);
        p.unspoken(1, 1);
        p.replyEnded(1, 2, 'completed');
      },
    ],
    [
      'its only frame is an empty last one',
      (p: Playout) => p.frame(frame({ reply: 1, samples: 0, lastOfReply: true })),
    ],
  ])('ends a reply without voice when %s', (_, act) => {
    const { heard, playout } = setUp();
    playout.replyStarted(1, 1);
    act(playout);
    expect(heard.endings).toEqual([{ reply: 1, outcome: 'completed', sentence: 0, playedMs: 0, totalMs: 0, atMs: 0 }]);
  });

  it('plays what is there of a reply that failed, then ends it as failed', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 3200).slice(0, 3));
    playout.replyEnded(1, 2, 'failed');
    run(60 + 1000);
    expect(heard.log).toEqual(['started 1', 'ended 1 failed']);
    expect(heard.endings[0]?.totalMs).toBe(60);
  });

  it('gives a reply up whose text is over and whose voice stays away', () => {
    const { heard, playout, run } = setUp();
    playout.replyStarted(1, 1);
    playout.replyEnded(1, 1, 'completed');
    run(9_990);
    expect(heard.log).toEqual([]);
    run(10);
    expect(heard.log).toEqual(['ended 1 failed', 'stalled 1']);
    expect(playout.active).toBe(false);
  });

  it('gives a reply up that never ends, later, unless something goes on in it', () => {
    const { heard, playout, run } = setUp();
    playout.replyStarted(1, 1);
    run(50_000);
    playout.replyContinues(1);
    run(50_000);
    expect(heard.log).toEqual([]);
    run(10_000);
    expect(heard.log).toEqual(['ended 1 failed', 'stalled 1']);
  });

  it('gives a reply up that a later one overtakes', () => {
    const { heard, playout, run, give } = setUp();
    playout.replyStarted(1, 1);
    give(sentenceFrames(2, 0, 640));
    run(10_000);
    expect(heard.log).toEqual(['ended 1 failed', 'stalled 1', 'started 2']);
  });

  it('plays the rest that is less than a frame before it gives up', () => {
    const { heard, playout, run } = setUp();
    playout.frame(frame({ reply: 1, samples: 100 }));
    playout.replyEnded(1, 1, 'completed');
    run(11_000);
    expect(heard.pcm.equals(voice(1, 0, 0, 100))).toBe(true);
    expect(heard.endings[0]).toMatchObject({ outcome: 'failed', totalMs: 6.25 });
  });
});
