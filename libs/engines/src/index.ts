export { FallbackChatModel, type FallbackCallOptions } from './fallback-chat-model.js';
export type { FallbackEntry, FallbackObserver, FallbackOptions } from './fallback-options.js';
export type { ProviderHealth } from './provider-health.js';
