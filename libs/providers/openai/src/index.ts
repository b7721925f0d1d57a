export { createOpenAi, type OpenAiOptions } from './open-ai.js';
export { toEngineError } from './translate-error.js';
