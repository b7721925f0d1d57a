import { describe, expect, it } from '@jest/globals';
import { sentenceFrames, setUp } from '../../spec-support/heard-playout.js';

describe('Playout', () => {
  it('stops, flushes and says what was heard when a reply is interrupted', () => {
    const { heard, playout, run, give } = setUp();
    give([...sentenceFrames(1, 0, 1600), ...sentenceFrames(1, 1, 32_000)]);
    run(250);
    const sentMs = heard.ms;
    playout.replyInterrupted(1);
    expect(heard.log).toEqual(['started 1', 'flush 1', 'ended 1 interrupted']);
    expect(heard.endings[0]).toMatchObject({ sentence: 1, playedMs: 150, sentenceMs: 2000, totalMs: 250 });
    give(sentenceFrames(1, 1, 32_000));
    run(100);
    expect(heard.ms).toBe(sentMs);
    expect(heard.drops.reply_over).toBe(2000);
    expect(heard.drops.flushed).toBe(2100 - sentMs);
  });

  it('ends a reply that is interrupted before its voice came, and drops that voice', () => {
    const { heard, playout, give } = setUp();
    playout.replyStarted(1, 1);
    playout.replyInterrupted(1);
    give(sentenceFrames(1, 0, 640));
    expect(heard.log).toEqual(['ended 1 interrupted']);
    expect(heard.pieces).toEqual([]);
  });

  it('says nothing twice when a reply that is over is interrupted', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 320));
    playout.replyEnded(1, 1, 'completed');
    run(20);
    playout.replyInterrupted(1);
    expect(heard.log).toEqual(['started 1', 'ended 1 completed']);
  });

  it('plays the next reply from its first frame after an interruption', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 32_000));
    run(100);
    give(sentenceFrames(2, 0, 640));
    playout.replyInterrupted(1);
    expect(heard.log).toEqual(['started 1', 'flush 1', 'ended 1 interrupted', 'started 2']);
  });

  it('says what was heard when the caller leaves in the middle, and flushes nothing', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    run(300);
    playout.stop();
    expect(heard.log).toEqual(['started 1', 'ended 1 interrupted']);
    expect(heard.endings[0]).toMatchObject({ playedMs: 300 });
    expect(playout.active).toBe(false);
  });
});
