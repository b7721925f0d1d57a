import type { MetricLabel, Metrics } from '@parley/telemetry';

/** The part of a counter that the bus uses. */
export interface BusCounter {
  inc(labels: Partial<Record<MetricLabel, string>>, value?: number): void;
}

/** What the bus counts. Nothing it drops, retries or fences goes uncounted. */
export interface BusMetrics {
  /** Events and frames sent again, by `kind`. */
  readonly publishRetried: BusCounter;
  /** Refusals by a stream, by `kind`. */
  readonly publishRefused: BusCounter;
  /** Events and frames given up, by `kind` and `reason`. */
  readonly publishFailed: BusCounter;
  /** Messages that reached readers, added when a feed closes. */
  readonly received: BusCounter;
  /** Messages of an owner that was succeeded, ignored, by `kind`. */
  readonly fenced: BusCounter;
  /** Messages seen before, ignored, by `kind`. */
  readonly duplicates: BusCounter;
  /** Messages fetched from a stream because live delivery skipped them, by `kind`. */
  readonly repaired: BusCounter;
  /** Messages that live delivery skipped and the stream did not have, by `kind`. */
  readonly lost: BusCounter;
  /** Messages that are not of the contract, ignored, by `kind` and `code`. */
  readonly invalid: BusCounter;
  /** Connections to the broker lost, by `kind`: media or claims. */
  readonly disconnects: BusCounter;
  /** Complaints of the broker, by `kind` of connection and `code`: a stale connection, a refused permission. */
  readonly brokerErrors: BusCounter;
  /** Streams that were gone after an outage and were made again, by `stream`; what they held is lost. */
  readonly streamsRemade: BusCounter;
  /** Messages that a full stream removed before their age, by `stream`. */
  readonly evicted: BusCounter;
  /** Feeds that read again what the streams gained while the broker was away. */
  readonly resynced: BusCounter;
  /** Claims by what became of them, by `stage` and `outcome`. */
  readonly claims: BusCounter;
}

const COUNTERS: Record<keyof BusMetrics, { help: string; labels: MetricLabel[] }> = {
  publishRetried: { help: 'Messages sent again for want of an acknowledgement', labels: ['kind'] },
  publishRefused: { help: 'Messages that a stream refused to store', labels: ['kind'] },
  publishFailed: { help: 'Messages given up without being stored', labels: ['kind', 'reason'] },
  received: { help: 'Messages delivered to readers, added when a feed closes', labels: [] },
  fenced: { help: 'Messages of a superseded owner that were ignored', labels: ['kind'] },
  duplicates: { help: 'Messages seen before that were ignored', labels: ['kind'] },
  repaired: { help: 'Messages fetched from a stream after live delivery skipped them', labels: ['kind'] },
  lost: { help: 'Messages that neither live delivery nor the stream had', labels: ['kind'] },
  invalid: { help: 'Messages ignored because they break the wire contract', labels: ['kind', 'code'] },
  disconnects: { help: 'Connections to the broker that were lost', labels: ['kind'] },
  brokerErrors: { help: 'Complaints of the broker', labels: ['kind', 'code'] },
  streamsRemade: { help: 'Streams made again because they were gone after an outage', labels: ['stream'] },
  evicted: { help: 'Messages that a full stream removed before their age', labels: ['stream'] },
  resynced: { help: 'Feeds that read the streams again after an outage', labels: [] },
  claims: { help: 'Claims taken, kept, deferred, finished, handed back and lost', labels: ['stage', 'outcome'] },
};

/** Makes the bus's counters, named `parley_bus_<what>_total`. */
export function createBusMetrics(metrics: Pick<Metrics, 'counter'>): BusMetrics {
  return mapCounters(([key, { help, labels }]) => metrics.counter({ name: metricName(key), help, labels }));
}

/** Counters that count nothing, for tools. */
export function noBusMetrics(): BusMetrics {
  return mapCounters(() => ({ inc: () => undefined }));
}

function mapCounters(make: (entry: [string, { help: string; labels: MetricLabel[] }]) => BusCounter): BusMetrics {
  return Object.fromEntries(Object.entries(COUNTERS).map((entry) => [entry[0], make(entry)])) as unknown as BusMetrics;
}

function metricName(key: string): string {
  return `parley_bus_${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`;
}
