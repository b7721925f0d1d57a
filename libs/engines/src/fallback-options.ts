import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { UsageMetadata } from '@langchain/core/messages';
import type { EngineErrorCode } from '@parley/ports';
import type { ProviderHealth } from './provider-health.js';

/** A model and whose it is. */
export interface FallbackEntry {
  provider: string;
  model: BaseChatModel;
}

/** Told what happens between several models; each is counted. */
export interface FallbackObserver {
  /** `from` failed with `code`, and `to` was asked; `mid` when the caller had heard a part of the answer by then. */
  onFallback?(event: { from: string; to: string; code: EngineErrorCode; mid: boolean }): void;
  /** A second request, to `provider`, is decided: it answered first, or it was made in vain. */
  onHedge?(event: { provider: string; won: boolean }): void;
  /** What one request cost, as far as it is known; requests that failed or lost are among them. */
  onUsage?(event: { provider: string; usage: UsageMetadata }): void;
}

/** Settings of a chain of models. */
export interface FallbackOptions {
  /** In the order in which they are asked; at least one. */
  entries: readonly FallbackEntry[];
  /** How long the first word may take until a second model is asked as well, in ms; never when absent. */
  hedgeAfterMs?: number;
  /** @defaultValue every provider is healthy */
  healthOf?(provider: string): ProviderHealth;
  observer?: FallbackObserver;
}
