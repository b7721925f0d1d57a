import type { EngineErrorCode } from '@parley/ports';
import type { Metrics } from '@parley/telemetry';

/** What every stage measures of its providers. */
export interface SharedMetrics {
  fellBack(fallback: { from: string; to: string; code: EngineErrorCode }): void;
  /** A provider's breaker has opened or shut. */
  circuit(provider: string, isOpen: boolean): void;
}

/** Makes the metrics that the stages have in common. */
export function createSharedMetrics(metrics: Metrics): SharedMetrics {
  const fallbacks = metrics.counter({
    name: 'parley_provider_fallbacks_total',
    help: 'Streams, texts and answers that went on with another provider, or with the same one again, by why',
    labels: ['from', 'to', 'code'],
  });
  const open = metrics.gauge({
    name: 'parley_provider_circuit_open',
    help: '1 while a provider is passed over because it failed, by provider',
    labels: ['provider'],
  });
  return {
    fellBack: ({ from, to, code }) => fallbacks.inc({ from, to, code }),
    circuit: (provider, isOpen) => open.set({ provider }, isOpen ? 1 : 0),
  };
}
