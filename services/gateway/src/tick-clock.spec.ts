import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../spec-support/manual-clock.js';
import { TickClock } from './tick-clock.js';

function setUp(parts = 1) {
  const clock = new ManualClock();
  const lags: number[] = [];
  const errors: unknown[] = [];
  const tickClock = new TickClock(
    clock,
    10,
    parts,
    (lateMs) => lags.push(lateMs),
    (error) => errors.push(error),
  );
  const ticks: number[] = [];
  const ticking = { active: true, tick: () => void ticks.push(clock.nowMs()) };
  return { clock, lags, errors, tickClock, ticks, ticking };
}

describe('TickClock', () => {
  it('ticks once a period what is active and rests when nothing is', () => {
    const { clock, tickClock, ticks, ticking } = setUp();
    tickClock.watch(ticking);
    clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
    ticking.active = false;
    clock.advance(100);
    expect(ticks).toEqual([10, 20, 30, 40]);
    expect(tickClock.size).toBe(0);
  });

  it('keeps to the grid and reports the lag after a tick came late', () => {
    const { clock, lags, tickClock, ticks, ticking } = setUp();
    tickClock.watch(ticking);
    clock.stall(37);
    clock.advance(23);
    expect(ticks).toEqual([37, 40, 50, 60]);
    expect(lags).toEqual([27, 0, 0, 0]);
  });

  it('goes on with the others when one throws', () => {
    const { clock, errors, tickClock, ticks, ticking } = setUp();
    const broken = {
      active: true,
      tick: () => {
        throw new Error('broken');
      },
    };
    tickClock.watch(broken);
    tickClock.watch(ticking);
    clock.advance(20);
    expect(ticks).toEqual([10, 20]);
    expect(errors).toHaveLength(1);
  });

  it('spreads those who are watched over the period', () => {
    const { clock, tickClock, ticks, ticking } = setUp(2);
    const others: number[] = [];
    const other = { active: true, tick: () => void others.push(clock.nowMs()) };
    tickClock.watch(ticking);
    tickClock.watch(other);
    tickClock.watch(ticking);
    clock.advance(30);
    expect(ticks).toEqual([5, 15, 25]);
    expect(others).toEqual([10, 20, 30]);
    other.active = false;
    clock.advance(10);
    expect(tickClock.size).toBe(1);
  });

  it('calls nobody after it was stopped', () => {
    const { clock, tickClock, ticks, ticking } = setUp();
    tickClock.watch(ticking);
    tickClock.stop();
    clock.advance(50);
    expect(ticks).toEqual([]);
  });
});
