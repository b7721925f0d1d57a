import { nearestRank } from '@parley/chaos/measuring';

/** Nearest-rank percentiles of durations, in ms. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  p999: number;
}

/** @returns undefined for no values */
export function percentilesOf(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  const rank = nearestRank(values);
  const at = (share: number) => rounded(rank(share));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999) };
}

/** The middle one, or the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1] ?? NaN, sorted[Math.floor(half)] ?? NaN];
  return rounded((low + high) / 2);
}

/** To two decimals, or as many as are wanted. */
export function rounded(value: number, decimals = 2): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}
