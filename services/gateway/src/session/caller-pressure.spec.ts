import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../spec-support/manual-clock.js';
import { CallerPressure } from './caller-pressure.js';

const LIMITS = { maxOwedBytes: 1000, slowTimeoutMs: 10_000 };

describe('CallerPressure', () => {
  it('admits up to the limit', () => {
    const pressure = new CallerPressure(new ManualClock(), LIMITS);
    expect([1000, 1001].map((owed) => pressure.admits(owed))).toEqual([true, false]);
  });

  it('is hopeless when the limit is exceeded for as long as allowed without a break', () => {
    const clock = new ManualClock();
    const pressure = new CallerPressure(clock, LIMITS);
    pressure.admits(1001);
    clock.advance(9999);
    expect(pressure.isHopeless(1001)).toBe(false);
    pressure.admits(10);
    pressure.admits(1001);
    clock.advance(9999);
    expect(pressure.isHopeless(1001)).toBe(false);
    clock.advance(1);
    expect(pressure.isHopeless(1001)).toBe(true);
  });

  it('is hopeless at once far over the limit', () => {
    expect(new CallerPressure(new ManualClock(), LIMITS).isHopeless(32_001)).toBe(true);
  });
});
