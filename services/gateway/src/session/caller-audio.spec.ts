import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../spec-support/manual-clock.js';
import { CallerAudio } from './caller-audio.js';

const SECOND_BYTES = 32_000;

describe('CallerAudio', () => {
  it('takes voice at real time for as long as it comes', () => {
    const clock = new ManualClock();
    const audio = new CallerAudio(clock, 5000);
    for (let i = 0; i < 1000; i++) {
      expect(audio.judge(640)).toBeUndefined();
      clock.advance(20);
    }
  });

  it('refuses what is further ahead than allowed, and takes it again when real time has caught up', () => {
    const clock = new ManualClock();
    const audio = new CallerAudio(clock, 5000);
    const verdicts = Array.from({ length: 6 }, () => audio.judge(SECOND_BYTES));
    expect(verdicts).toEqual([undefined, undefined, undefined, undefined, undefined, 'audio_too_fast']);
    clock.advance(1000);
    expect(audio.judge(SECOND_BYTES)).toBeUndefined();
    expect(audio.judge(SECOND_BYTES)).toBe('audio_too_fast');
  });

  it('refuses a flood of tiny frames', () => {
    const audio = new CallerAudio(new ManualClock(), 5000);
    const verdicts = Array.from({ length: 1001 }, () => audio.judge(2));
    expect(verdicts.indexOf('audio_too_fast')).toBe(1000);
  });

  it.each([
    [65_536, undefined],
    [65_538, 'frame_too_large'],
    [3, 'audio_odd_length'],
  ])('judges a frame of %d bytes: %s', (bytes, code) => {
    expect(new CallerAudio(new ManualClock(), 5000).judge(bytes)).toBe(code);
  });

  it('counts nothing of what it refuses', () => {
    const audio = new CallerAudio(new ManualClock(), 1000);
    for (let i = 0; i < 100; i++) audio.judge(SECOND_BYTES + 1);
    expect(audio.judge(SECOND_BYTES)).toBeUndefined();
  });

  it('takes what is sent again faster than allowed, once', () => {
    const audio = new CallerAudio(new ManualClock(), 1000, 3000);
    const verdicts = Array.from({ length: 6 }, () => audio.judge(SECOND_BYTES));
    expect(verdicts).toEqual([undefined, undefined, undefined, undefined, 'audio_too_fast', 'audio_too_fast']);
  });
});
