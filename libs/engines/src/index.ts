export { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.js';
export type { ChainObserver } from './chain-observer.js';
export { EnginePool, type EnginePoolOptions, type PooledEngine } from './engine-pool.js';
export { FallbackSpeechToText, type ChainOptions } from './fallback-speech-to-text.js';
export { FallbackTextToSpeech } from './fallback-text-to-speech.js';
export { FallbackChatModel } from './fallback-chat-model.js';
export type { FallbackEntry, FallbackObserver, FallbackOptions } from './fallback-options.js';
export { loadLanguageModels, type ModelSetup } from './language-model-engines.js';
export { createModelMetrics, type ModelMetrics } from './model-metrics.js';
export type { Link } from './link.js';
export type { Loader, Maker } from './load-makers.js';
export {
  chainEnv,
  languageModelProviderEnv,
  missingFor,
  readChain,
  speechToTextProviderEnv,
  textToSpeechProviderEnv,
} from './provider-env.js';
export type { ProviderHealth } from './provider-health.js';
export { createProviderMetrics, type ProviderMetrics } from './provider-metrics.js';
export { loadSpeechToTextEngines, type EngineSetup } from './speech-to-text-engines.js';
export { loadTextToSpeechEngines } from './text-to-speech-engines.js';
