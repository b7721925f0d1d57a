import { describe, expect, it } from '@jest/globals';
import { LeaseWatch } from './lease-watch.js';

const LEASE_MS = 1000;

describe('lease watch', () => {
  it('is sure while renewals are answered, in doubt before the lease is over, and gives up after the longest doubt', () => {
    const watch = new LeaseWatch(LEASE_MS, 5000, 0);
    expect(watch.state(900)).toBe('sure');
    expect(watch.state(901)).toBe('doubtful');
    expect(watch.state(6000)).toBe('doubtful');
    expect(watch.state(6001)).toBe('expired');
    watch.answered(6001);
    expect(watch.state(6500)).toBe('sure');
  });

  it('counts from when a renewal was sent, however late its answer, and does not go back', () => {
    const watch = new LeaseWatch(LEASE_MS, 5000, 0);
    watch.answered(500);
    watch.answered(200);
    expect(watch.state(1400)).toBe('sure');
    expect(watch.state(1401)).toBe('doubtful');
  });

  it('remembers trouble for one lease after it', () => {
    const watch = new LeaseWatch(LEASE_MS, 5000, 0);
    expect(watch.afterTrouble(500)).toBe(false);
    watch.missed(500);
    watch.answered(600);
    expect(watch.afterTrouble(1500)).toBe(true);
    watch.answered(1400);
    expect(watch.afterTrouble(1501)).toBe(false);
  });

  it('takes silence for trouble, also when the first sign of life is the delivery itself', () => {
    const watch = new LeaseWatch(LEASE_MS, 5000, 0);
    expect(watch.afterTrouble(3000)).toBe(true);
    watch.answered(3000);
    expect(watch.afterTrouble(3500)).toBe(true);
    watch.answered(3900);
    expect(watch.afterTrouble(4001)).toBe(false);
  });
});
