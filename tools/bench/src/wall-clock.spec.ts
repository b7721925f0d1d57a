import { describe, expect, it } from '@jest/globals';
import { WallClock } from './wall-clock.js';

describe('WallClock', () => {
  it('finds the fractions that the wall clock cuts off, and follows it when it is set', () => {
    let trueMs = 1_000_000.37;
    let setByMs = 0;
    const clock = new WallClock(
      () => Math.floor(trueMs + setByMs),
      () => trueMs - 999_000,
    );
    const pass = (ms: number) => {
      for (let n = 0; n < ms / 0.93; n++) {
        trueMs += 0.93;
        clock.nowMs();
      }
    };
    pass(500);
    expect(Math.abs(clock.nowMs() - trueMs)).toBeLessThan(0.1);
    setByMs = -250;
    pass(15_000);
    expect(Math.abs(clock.nowMs() - (trueMs - 250))).toBeLessThan(0.1);
  });
});
