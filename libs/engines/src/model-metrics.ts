import type { Metrics } from '@parley/telemetry';
import type { FallbackObserver } from './fallback-options.js';
import { createSharedMetrics } from './shared-metrics.js';

/** What the agent stage measures of its language models' providers. */
export interface ModelMetrics {
  readonly observer: FallbackObserver;
  /** A provider's breaker has opened or shut. */
  circuit(provider: string, isOpen: boolean): void;
}

/** Makes the metrics of language models. */
export function createModelMetrics(metrics: Metrics): ModelMetrics {
  const { fellBack, circuit } = createSharedMetrics(metrics);
  const hedges = metrics.counter({
    name: 'parley_provider_hedges_total',
    help: 'Second requests that were made because the first word was late, by whether they answered first',
    labels: ['provider', 'outcome'],
  });
  const tokens = metrics.counter({
    name: 'parley_provider_tokens_total',
    help: 'Tokens that providers have counted: of what they were given, of which cached, and of their answers',
    labels: ['provider', 'kind'],
  });
  return {
    observer: {
      onFallback: fellBack,
      onHedge: ({ provider, won }) => hedges.inc({ provider, outcome: won ? 'won' : 'lost' }),
      onUsage({ provider, usage }) {
        tokens.inc({ provider, kind: 'input' }, usage.input_tokens);
        tokens.inc({ provider, kind: 'output' }, usage.output_tokens);
        tokens.inc({ provider, kind: 'cached' }, usage.input_token_details?.cache_read ?? 0);
      },
    },
    circuit,
  };
}
