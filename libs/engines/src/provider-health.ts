import type { EngineError } from '@parley/ports';

/** What is known of one provider's health: a circuit breaker. */
export interface ProviderHealth {
  /** It is to be left alone for now. Asking changes nothing. */
  isOpen(): boolean;
  /** Told after an answer that was complete. */
  succeeded(): void;
  /** Told what came of a request instead; not of one that was aborted, whoever did it. */
  failed(error: EngineError): void;
}
