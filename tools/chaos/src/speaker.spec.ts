import { describe, expect, it } from '@jest/globals';
import { Speaker } from './speaker.js';

const at = (sentence: number, pts: number, reply = 1) => ({ reply, sentence, pts });
const frame = (ms = 60) => new Int16Array(ms * 16);

describe('the speaker', () => {
  it('plays what comes early behind what it has, without a gap', () => {
    const speaker = new Speaker(16_000);
    speaker.play(at(0, 0), frame(), 1000);
    speaker.play(at(0, 960), frame(), 1001);
    expect(speaker.pieces.map(({ fromMs }) => fromMs)).toEqual([1000, 1060]);
    expect(speaker.gaps).toEqual([]);
    expect(speaker.quietFromMs).toBe(1120);
  });

  it('is dry from the end of what it had to what comes late', () => {
    const speaker = new Speaker(16_000);
    speaker.play(at(0, 0), frame(), 1000);
    speaker.play(at(1, 0), frame(), 1500);
    expect(speaker.gaps).toEqual([{ reply: 1, sentence: 1, fromMs: 1060, toMs: 1500 }]);
  });

  it('is not dry between two replies', () => {
    const speaker = new Speaker(16_000);
    speaker.play(at(0, 0, 1), frame(), 1000);
    speaker.play(at(0, 0, 2), frame(), 9000);
    expect(speaker.gaps).toEqual([]);
  });

  it('forgets what it has not played when told to, and keeps what it has', () => {
    const speaker = new Speaker(16_000);
    for (let i = 0; i < 5; i++) speaker.play(at(0, i * 960), frame(), 1000);
    speaker.flush(1150);
    expect(speaker.pieces.map(({ pcm }) => pcm.length / 16)).toEqual([60, 60, 30]);
    expect(speaker.quietFromMs).toBe(1150);
  });

  it('holds what it has not played when it is paused, and then goes on with the next sample', () => {
    const speaker = new Speaker(16_000);
    speaker.play(at(0, 0), frame(), 1000);
    speaker.play(at(0, 960), frame(), 1001);
    speaker.pause(1075);
    speaker.play(at(0, 1920), frame(), 1200);
    expect(speaker.isPaused).toBe(true);
    expect(speaker.next).toEqual(at(0, 1200));
    expect(speaker.quietFromMs).toBe(1075);
    speaker.resume(2000);
    const heard = speaker.pieces.map(({ pts, pcm, fromMs }) => [pts, pcm.length, fromMs]);
    expect(heard).toEqual([
      [0, 960, 1000],
      [960, 240, 1060],
      [1200, 720, 2000],
      [1920, 960, 2045],
    ]);
    expect(speaker.gaps).toEqual([]);
  });

  it('has played nothing of a frame that it holds from its beginning on', () => {
    const speaker = new Speaker(16_000);
    expect(speaker.next).toBeUndefined();
    speaker.play(at(2, 640), frame(), 1000);
    speaker.pause(1000);
    expect(speaker.next).toEqual(at(2, 640));
  });

  it('forgets what it holds when told to, and plays what comes next', () => {
    const speaker = new Speaker(16_000);
    speaker.play(at(0, 0), frame(), 1000);
    speaker.pause(1030);
    speaker.flush(1100);
    speaker.play(at(0, 0, 2), frame(), 1500);
    expect(speaker.pieces.map(({ reply, pcm }) => [reply, pcm.length / 16])).toEqual([
      [1, 30],
      [2, 60],
    ]);
  });
});
