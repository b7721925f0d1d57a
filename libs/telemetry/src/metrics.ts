import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { TelemetryError } from './telemetry-error.js';

/**
 * Labels a metric may have: each has few values, known beforehand. A session, a caller or a text is never a label,
 * because every value is a time series that is kept for ever.
 */
export const METRIC_LABELS = [
  'agent',
  'cause',
  'check',
  'code',
  'codec',
  'direction',
  'door',
  'engine',
  'from',
  'kind',
  'method',
  'mode',
  'model',
  'outcome',
  'provider',
  'queue',
  'reason',
  'result',
  'stage',
  'state',
  'stream',
  'to',
  'tool',
  'type',
  'voice',
] as const;
/** One of {@link METRIC_LABELS}. */
export type MetricLabel = (typeof METRIC_LABELS)[number];

/** Buckets in seconds for the waits of a conversation: fine where people notice, up to 10 s. */
export const SPEECH_LATENCY_BUCKETS: readonly number[] = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10,
];

/** What a metric is. */
export interface MetricOptions<L extends MetricLabel> {
  /** `parley_<what>[_<unit>]`, with `_total` at the end of a counter. */
  name: string;
  /** One sentence for whoever reads the dashboard. */
  help: string;
  labels?: readonly L[];
}

/** What a histogram is. */
export interface HistogramOptions<L extends MetricLabel> extends MetricOptions<L> {
  /** @defaultValue {@link SPEECH_LATENCY_BUCKETS}; required unless the name ends in `_seconds` */
  buckets?: readonly number[];
}

/** A service's metrics. */
export interface Metrics {
  readonly registry: Registry;
  /** The body of `/metrics`. */
  text(): Promise<string>;
  readonly contentType: string;
  /** @throws {TelemetryError} `metric_invalid`, `metric_exists` */
  counter<L extends MetricLabel = never>(options: MetricOptions<L>): Counter<L>;
  /**
   * A value that goes up and down; with `collect`, one that is read when asked for.
   * @throws {TelemetryError} `metric_invalid`, `metric_exists`
   */
  gauge<L extends MetricLabel = never>(options: MetricOptions<L> & { collect?: (gauge: Gauge<L>) => void }): Gauge<L>;
  /** @throws {TelemetryError} `metric_invalid`, `metric_exists` */
  histogram<L extends MetricLabel = never>(options: HistogramOptions<L>): Histogram<L>;
}

const NAME = /^parley(_[a-z][a-z0-9]*)+$/;
const OTHER_UNITS =
  /_(ms|millis|milliseconds|us|micros|minutes|hours|kb|mb|kib|mib|kilobytes|megabytes|percent)(_total)?$/;
const HISTOGRAM_UNITS = /_(seconds|bytes|samples|frames|messages|characters|tokens|ratio)$/;

/**
 * Makes a service's registry, with Node's own metrics (event-loop delay, memory, garbage collection) unless told
 * otherwise. Every metric carries the label `service`.
 */
export function createMetrics(service: string, options: { processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  const common = <L extends MetricLabel>(metric: MetricOptions<L>) => {
    checkMetric(metric);
    if (registry.getSingleMetric(metric.name)) {
      throw new TelemetryError('metric_exists', `there is a metric ${metric.name} already`);
    }
    return { name: metric.name, help: metric.help, labelNames: [...(metric.labels ?? [])], registers: [registry] };
  };
  return {
    registry,
    text: () => registry.metrics(),
    contentType: registry.contentType,
    counter(metric) {
      if (!metric.name.endsWith('_total')) throw invalid(metric.name, 'a counter ends in _total');
      return new Counter(common(metric));
    },
    gauge({ collect, ...metric }) {
      if (metric.name.endsWith('_total')) throw invalid(metric.name, 'only a counter ends in _total');
      const gauge: Gauge<NonNullable<typeof metric.labels>[number]> = new Gauge({
        ...common(metric),
        ...(collect && { collect: () => collect(gauge) }),
      });
      return gauge;
    },
    histogram({ buckets, ...metric }) {
      if (!HISTOGRAM_UNITS.test(metric.name)) {
        throw invalid(metric.name, 'a histogram ends in its unit: _seconds, _bytes, _samples, _frames, …');
      }
      if (!buckets && !metric.name.endsWith('_seconds')) throw invalid(metric.name, 'it needs buckets in its own unit');
      return new Histogram({ ...common(metric), buckets: [...(buckets ?? SPEECH_LATENCY_BUCKETS)] });
    },
  };
}

function checkMetric({ name, help, labels = [] }: MetricOptions<MetricLabel>): void {
  if (!NAME.test(name)) throw invalid(name, 'a name is parley_ and lower-case words joined by _');
  if (OTHER_UNITS.test(name)) throw invalid(name, 'times are in _seconds, sizes in _bytes, shares in _ratio');
  if (!help?.trim()) throw invalid(name, 'it needs a help text');
  for (const label of labels) {
    if (!(METRIC_LABELS as readonly string[]).includes(label)) {
      throw invalid(name, `"${label}" is not one of the bounded labels: ${METRIC_LABELS.join(', ')}`);
    }
  }
}

function invalid(name: string, why: string): TelemetryError {
  return new TelemetryError('metric_invalid', `metric "${name}": ${why}`);
}
