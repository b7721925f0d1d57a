import { describe, expect, it } from '@jest/globals';
import { frame, sentenceFrames, setUp, voice } from '../../spec-support/heard-playout.js';

describe('Playout', () => {
  it('sends the first frame at once, without a tick', () => {
    const { heard, playout } = setUp();
    playout.replyStarted(1, 1);
    playout.frame(frame({ reply: 1 }));
    expect(heard.log).toEqual(['started 1 turn 1']);
    expect(heard.pieces.map(({ info }) => info)).toEqual([{ reply: 1, sentence: 0, pts: 0 }]);
  });

  it('sends no more than the lead ahead of real time', () => {
    const { heard, run, give } = setUp();
    give(sentenceFrames(1, 0, 32_000));
    expect(heard.ms).toBe(400);
    run(100);
    expect(heard.ms).toBe(500);
  });

  it('cuts frames to the length the caller wants, the last of a sentence shorter', () => {
    const { heard, run, give } = setUp({ frameMs: 30 });
    give(sentenceFrames(1, 0, 1000, 320));
    run(100);
    expect(heard.pieces.map(({ pcm, info }) => [info.pts, pcm.byteLength / 2])).toEqual([
      [0, 480],
      [480, 480],
      [960, 40],
    ]);
    expect(heard.pcm.equals(voice(1, 0, 0, 1000))).toBe(true);
  });

  it('counts an underrun with its place and length when voice comes too late', () => {
    const { heard, playout, run } = setUp();
    playout.frame(frame({ reply: 1 }));
    run(70);
    playout.frame(frame({ reply: 1, pts: 320, lastOfSentence: true }));
    run(120);
    playout.frame(frame({ reply: 1, sentence: 1 }));
    expect(heard.underruns).toEqual([
      { where: 'sentence', durationMs: 50 },
      { where: 'between', durationMs: 100 },
    ]);
    expect(heard.lateMs).toBe(0);
  });

  it('counts lateness, not an underrun, when the clock was late and voice was there', () => {
    const { clock, heard, playout, give } = setUp();
    give(sentenceFrames(1, 0, 16_000));
    clock.advance(450);
    playout.tick();
    expect(heard.underruns).toEqual([]);
    expect(heard.lateMs).toBe(50);
  });

  it('reports progress by the clock: what was sent less what is still ahead', () => {
    const { heard, run, give } = setUp();
    give(sentenceFrames(1, 0, 24_000));
    run(500);
    expect(heard.progressed).toEqual([{ reply: 1, sentence: 0, playedMs: 500, sentenceMs: 1500 }]);
  });

  it('reports the end of each sentence', () => {
    const { heard, run, give } = setUp();
    give([...sentenceFrames(1, 0, 1600), ...sentenceFrames(1, 1, 800)]);
    run(100);
    expect(heard.progressed).toEqual([{ reply: 1, sentence: 0, playedMs: 100, sentenceMs: 100 }]);
    run(50);
    expect(heard.progressed.slice(1)).toEqual([{ reply: 1, sentence: 1, playedMs: 50, sentenceMs: 50 }]);
  });
});
