import type { ChatAnthropicInput } from '@langchain/anthropic';
import { anthropicSettings, EngineError, type AnthropicSettings, type LanguageModel } from '@parley/ports';
import { assertApiKey, httpBase, settingsFor } from '@parley/provider-kit';
import { AnthropicChatModel } from './anthropic-chat-model.js';

/** What {@link createAnthropic} needs. */
export interface AnthropicOptions {
  apiKey: string;
  /** Without `/v1`. @defaultValue Anthropic's own */
  baseUrl?: string;
  /** What an agent sets goes before it. */
  settings?: AnthropicSettings;
  /** How long the first word may take, the connection included, and each further one after the one before it; in ms. @defaultValue 5000 */
  answerTimeoutMs?: number;
}

/**
 * A source of chat models over Anthropic's messages API. Streams, never retries by itself, and throws only `EngineError`:
 * `engine_auth`, `engine_quota`, `engine_rate_limited` (with `retryAfterMs` where told), `engine_busy`, `engine_timeout`,
 * `engine_unavailable`, `engine_protocol`, `engine_input`, `engine_settings`, `engine_aborted`.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createAnthropic(options: AnthropicOptions): LanguageModel {
  const { apiKey, settings, answerTimeoutMs = 5000 } = options;
  assertApiKey('Anthropic', apiKey);
  const baseURL = httpBase('Anthropic', options.baseUrl ?? 'https://api.anthropic.com');
  return {
    name: 'anthropic',
    capabilities: { streaming: true, tools: true },
    createChatModel(ofAgent) {
      const wanted = settingsFor('Anthropic', anthropicSettings, settings, ofAgent);
      const { model, temperature, maxTokens, thinking, effort } = wanted;
      const fields: ChatAnthropicInput = {
        apiKey,
        anthropicApiUrl: baseURL,
        model,
        temperature,
        maxTokens,
        thinking: thinking && { type: thinking },
        outputConfig: effort && { effort },
        maxRetries: 0,
        // What they leave out the client would take from the environment; and it would print answers it cannot read.
        clientOptions: { baseURL, authToken: null, timeout: answerTimeoutMs, logLevel: 'off' },
      };
      const chatModel = new AnthropicChatModel(fields, answerTimeoutMs);
      try {
        // Tells of settings that the model does not take, which would come as late as the first answer.
        chatModel.invocationParams();
      } catch (cause) {
        throw new EngineError('engine_settings', `Anthropic: ${model} does not take these settings`, false, { cause });
      }
      return chatModel;
    },
  };
}
