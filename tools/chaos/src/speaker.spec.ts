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
});
