import { noBusMetrics, type BusMetrics } from '../src/bus-metrics.js';

/** Metrics that can be asked for what was counted. */
export class CountedMetrics {
  private readonly counts: { name: string; labels: Record<string, string>; value: number }[] = [];
  readonly metrics: BusMetrics;

  constructor() {
    const names = Object.keys(noBusMetrics());
    const counter = (name: string) => ({
      inc: (labels: Record<string, string>, value = 1) => void this.counts.push({ name, labels, value }),
    });
    this.metrics = Object.fromEntries(names.map((name) => [name, counter(name)])) as unknown as BusMetrics;
  }

  /** The sum of a counter over everything that has these labels. */
  total(name: keyof BusMetrics, labels: Record<string, string> = {}): number {
    const wanted = Object.entries(labels);
    return this.counts
      .filter((count) => count.name === name && wanted.every(([key, value]) => count.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }
}
