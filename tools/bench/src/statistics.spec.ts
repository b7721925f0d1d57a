import { describe, expect, it } from '@jest/globals';
import { medianOf, percentilesOf, rounded } from './statistics.js';

describe('statistics', () => {
  it('has nearest-rank percentiles, and none of nothing', () => {
    const values = Array.from({ length: 1000 }, (_, n) => 1000 - n);
    expect(percentilesOf(values)).toEqual({ p50: 500, p95: 950, p99: 990, p999: 999 });
    expect(percentilesOf([7])).toEqual({ p50: 7, p95: 7, p99: 7, p999: 7 });
    expect(percentilesOf([])).toBeUndefined();
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[5], 5],
  ])('has %j in the middle at %p', (values, median) => {
    expect(medianOf(values)).toBe(median);
    expect(medianOf([])).toBeNaN();
  });

  it('rounds', () => expect([rounded(1.005), rounded(2.345, 1), rounded(-0.126)]).toEqual([1, 2.3, -0.13]));
});
