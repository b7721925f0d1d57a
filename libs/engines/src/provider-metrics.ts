import type { ProviderObserver } from '@parley/ports';
import type { Metrics } from '@parley/telemetry';
import type { ChainObserver } from './chain-observer.js';
import { createSharedMetrics } from './shared-metrics.js';

/** What a provider is given, as it is counted. */
export type UsageUnit = 'audio_seconds' | 'characters';

/** What a stage measures of its providers. */
export interface ProviderMetrics {
  readonly chain: ChainObserver;
  /** Counts an adapter's incidents. */
  observerOf(provider: string): ProviderObserver;
  /** A provider's breaker has opened or shut. */
  circuit(provider: string, isOpen: boolean): void;
}

/** Makes a stage's metrics of its providers. */
export function createProviderMetrics(metrics: Metrics, unit: UsageUnit): ProviderMetrics {
  const failures = metrics.counter({
    name: 'parley_provider_failures_total',
    help: 'Failures of providers, before anything was tried instead',
    labels: ['provider', 'code'],
  });
  const { fellBack, circuit } = createSharedMetrics(metrics);
  const gap = metrics.histogram({
    name: 'parley_provider_fallback_seconds',
    help: 'From the failure of a provider until another one had taken over',
  });
  const incidents = metrics.counter({
    name: 'parley_provider_incidents_total',
    help: 'Reconnections, retries, streams moved in time, late audio and messages passed over, by provider',
    labels: ['provider', 'kind'],
  });
  const used =
    unit === 'audio_seconds'
      ? metrics.counter({
          name: 'parley_provider_audio_seconds_total',
          help: 'Audio that providers were given, what was sent again included',
          labels: ['provider'],
        })
      : metrics.counter({
          name: 'parley_provider_characters_total',
          help: 'Characters that providers were given and spoke',
          labels: ['provider'],
        });
  const dropped = metrics.counter({
    name: 'parley_provider_dropped_audio_seconds_total',
    help: 'Audio without a final transcript that was thrown away because no provider took it in time',
  });
  const scale = unit === 'audio_seconds' ? 1 / 1000 : 1;
  return {
    chain: {
      onFailure: ({ provider, code }) => failures.inc({ provider, code }),
      onFallback({ from, to, code, gapMs }) {
        fellBack({ from, to, code });
        gap.observe(gapMs / 1000);
      },
      onRotated: ({ provider }) => incidents.inc({ provider, kind: 'rotated' }),
      onUsage: ({ provider, amount }) => used.inc({ provider }, amount * scale),
      onDropped: ({ ms }) => dropped.inc(ms / 1000),
    },
    observerOf:
      (provider) =>
      (kind, count = 1) =>
        incidents.inc({ provider, kind }, count),
    circuit,
  };
}
