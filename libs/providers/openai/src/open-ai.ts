import { openAiSettings, type LanguageModel, type OpenAiSettings } from '@parley/ports';
import { assertApiKey, httpBase, settingsFor } from '@parley/provider-kit';
import { OpenAiChatModel } from './open-ai-chat-model.js';

/** What {@link createOpenAi} needs. */
export interface OpenAiOptions {
  apiKey: string;
  /** Of the service or of a compatible one, up to and with `/v1`. @defaultValue OpenAI's own */
  baseUrl?: string;
  /** What an agent sets goes before it. */
  settings?: OpenAiSettings;
  /** How long the first word may take, the connection included, and each further one after the one before it; in ms. @defaultValue 5000 */
  answerTimeoutMs?: number;
}

/**
 * A source of chat models over OpenAI's chat completions API, or any service that speaks it. Streams, never retries
 * by itself, and throws only `EngineError`: `engine_auth`, `engine_quota`, `engine_rate_limited` (with `retryAfterMs`
 * where told), `engine_busy`, `engine_timeout`, `engine_unavailable`, `engine_protocol`, `engine_input`,
 * `engine_settings`, `engine_aborted`.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createOpenAi(options: OpenAiOptions): LanguageModel {
  const { apiKey, settings, answerTimeoutMs = 5000 } = options;
  assertApiKey('OpenAI', apiKey);
  const baseURL = httpBase('OpenAI', options.baseUrl ?? 'https://api.openai.com/v1');
  return {
    name: 'openai',
    capabilities: { streaming: true, tools: true },
    createChatModel(ofAgent) {
      const { serviceTier, ...wanted } = settingsFor('OpenAI', openAiSettings, settings, ofAgent);
      return new OpenAiChatModel({
        ...chatModelFields({ apiKey, baseURL, answerTimeoutMs, ...wanted }),
        service_tier: serviceTier,
      });
    },
  };
}

/** What every chat model over this API is made of. */
export interface ChatModelFields {
  apiKey: string;
  baseURL: string;
  answerTimeoutMs: number;
  model: string;
  temperature?: number;
  maxTokens?: number;
  reasoningEffort?: NonNullable<OpenAiSettings['reasoningEffort']>;
}

/** LangChain's fields. What they leave out it would take from the environment, so nothing is left out. */
export function chatModelFields({ apiKey, baseURL, answerTimeoutMs, reasoningEffort, ...model }: ChatModelFields) {
  return {
    ...model,
    apiKey,
    reasoning: reasoningEffort && { effort: reasoningEffort },
    maxRetries: 0,
    timeout: answerTimeoutMs,
    streamUsage: true,
    // The client would print answers it cannot read.
    configuration: { baseURL, organization: null, project: null, logLevel: 'off' as const },
  };
}
