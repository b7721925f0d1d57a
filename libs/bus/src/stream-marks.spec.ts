import { describe, expect, it } from '@jest/globals';
import { StreamMarks } from './stream-marks.js';

function setUp() {
  const clock = { ms: 0 };
  const marks = new StreamMarks(() => clock.ms);
  const note = (atMs: number, seq: number) => {
    clock.ms = atMs;
    marks.note('S', seq);
  };
  return { clock, marks, note };
}

describe('marks of a stream', () => {
  it('give a number that everything stored since a time is above', () => {
    const { marks, note } = setUp();
    note(1000, 10);
    note(2000, 25);
    expect([999, 1000, 1999, 2000, 9999].map((ms) => marks.before('S', ms))).toEqual([undefined, 10, 10, 25, 25]);
    expect(marks.before('other', 5000)).toBeUndefined();
  });

  it('are due a few times a second', () => {
    const { clock, marks, note } = setUp();
    expect(marks.isDue('S')).toBe(true);
    note(1000, 10);
    clock.ms = 1200;
    expect(marks.isDue('S')).toBe(false);
    clock.ms = 1250;
    expect(marks.isDue('S')).toBe(true);
  });

  it('say nothing of a stream that counts anew', () => {
    const { marks, note } = setUp();
    note(1000, 500);
    note(2000, 3);
    expect(marks.before('S', 1500)).toBeUndefined();
    expect(marks.before('S', 2000)).toBe(3);
  });

  it('stay when the stream has what they say, and go when it has less or nobody knows', () => {
    const { marks, note } = setUp();
    note(1000, 500);
    marks.check('S', 500);
    expect(marks.before('S', 2000)).toBe(500);
    marks.check('S', 499);
    expect(marks.before('S', 2000)).toBeUndefined();
    note(1000, 500);
    marks.check('S');
    expect(marks.before('S', 2000)).toBeUndefined();
  });

  it('are bounded', () => {
    const { marks, note } = setUp();
    for (let i = 1; i <= 10_000; i++) note(i * 1000, i);
    expect(marks.before('S', 1000)).toBeUndefined();
    expect(marks.before('S', 9_999_000)).toBe(9999);
  });
});
