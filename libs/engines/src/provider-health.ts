import type { EngineError } from '@parley/ports';

/** What is known of a provider by those who try it. */
export interface ProviderHealth {
  /** Whether it is to be passed over for now. */
  isOpen(): boolean;
  /** It answered. */
  succeeded(): void;
  /** It failed. */
  failed(error: EngineError): void;
}
