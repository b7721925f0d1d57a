import { describe, expect, it } from '@jest/globals';
import { sentenceFrames, setUp, voice } from '../../spec-support/heard-playout.js';

describe('a playout that another gateway has begun', () => {
  const playing = { reply: 2, turn: 1, sentence: 1, pts: 480, totalSamples: 2080, isReported: true };

  it('goes on at the sample where the other left off, and counts what was played before', () => {
    const { heard, playout, run, give } = setUp();
    playout.resume({ over: [1], playing });
    give([...sentenceFrames(1, 0, 1600), ...sentenceFrames(2, 0, 1600), ...sentenceFrames(2, 1, 1600)]);
    playout.replyEnded(2, 2, 'completed');
    run(500);
    expect(heard.pcm.equals(voice(2, 1, 480, 1120))).toBe(true);
    expect(heard.log).toEqual(['ended 2 completed']);
    expect(heard.endings[0]).toMatchObject({ sentence: 1, playedMs: 100, sentenceMs: 100, totalMs: 200 });
  });

  it('says that a reply has begun which the log does not have', () => {
    const { heard, playout } = setUp();
    playout.resume({ over: [], playing: { ...playing, isReported: false } });
    expect(heard.log).toEqual(['started 2 turn 1']);
  });

  it('ends a reply at once whose caller had all of it', () => {
    const { heard, playout, run, give } = setUp();
    playout.resume({ over: [], playing: { ...playing, pts: 1600 } });
    give(sentenceFrames(2, 1, 1600));
    playout.replyEnded(2, 2, 'completed');
    run(20);
    expect(heard.pieces).toEqual([]);
    expect(heard.log).toEqual(['ended 2 completed']);
  });

  it('ends an interrupted reply with what was heard of it', () => {
    const { heard, playout } = setUp();
    playout.resume({ over: [], playing });
    playout.replyInterrupted(2);
    expect(heard.log).toEqual(['flush 2', 'ended 2 interrupted']);
    expect(heard.endings[0]).toMatchObject({ sentence: 1, playedMs: 30, totalMs: 130 });
  });

  it('plays the next reply after it', () => {
    const { heard, playout, run, give } = setUp();
    playout.resume({ over: [1, 2] });
    give([...sentenceFrames(2, 0, 320), ...sentenceFrames(3, 0, 320)]);
    playout.replyEnded(3, 1, 'completed');
    run(100);
    expect(heard.log).toEqual(['started 3', 'ended 3 completed']);
  });
});

describe('a frozen playout', () => {
  it('stands still, and knows at its end what was heard when it froze', () => {
    const { heard, playout, run, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    run(300);
    playout.freeze();
    const sent = heard.pieces.length;
    run(5000);
    expect(playout.active).toBe(false);
    expect(heard.pieces).toHaveLength(sent);
    playout.stop();
    expect(heard.endings).toMatchObject([{ outcome: 'interrupted', playedMs: 300 }]);
  });
});
