export { createAzureOpenAi, type AzureOpenAiOptions } from './azure-open-ai.js';
export { createOpenAi, type OpenAiOptions } from './open-ai.js';
export { toEngineError } from './translate-error.js';
