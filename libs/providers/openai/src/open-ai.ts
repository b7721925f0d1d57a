import { EngineError, type LanguageModel } from '@parley/ports';
import { OpenAiChatModel } from './open-ai-chat-model.js';

/** Settings of {@link createOpenAi}. */
export interface OpenAiOptions {
  apiKey: string;
  /** Of the service or of a compatible one, up to and with `/v1`. @defaultValue OpenAI's own */
  baseUrl?: string;
  /** Used when the agent's settings name none. @defaultValue `gpt-4.1-mini` */
  model?: string;
  /** How long to wait for the answer to begin. @defaultValue 15000 */
  timeoutMs?: number;
}

/**
 * A source of chat models over OpenAI's chat completions API, or any service that speaks it. Streams, never retries
 * by itself, and throws only `EngineError`: `engine_auth`, `engine_rate_limited` (with `retryAfterMs` where told),
 * `engine_busy`, `engine_timeout`, `engine_unavailable`, `engine_protocol`, `engine_input`, `engine_settings`,
 * `engine_aborted`.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function createOpenAi(options: OpenAiOptions): LanguageModel {
  const { apiKey, model = 'gpt-4.1-mini', timeoutMs = 15_000 } = options;
  const baseUrl = options.baseUrl ?? 'https://api.openai.com/v1';
  if (apiKey.trim() === '') throw new EngineError('engine_settings', 'OpenAI: there is no API key', false);
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    throw new EngineError('engine_settings', 'OpenAI: the base URL is no http or https URL', false);
  return {
    name: 'openai',
    capabilities: { streaming: true, tools: true },
    createChatModel(settings) {
      assertInRange('temperature', settings.temperature, 0, 2);
      assertInRange('maxTokens', settings.maxTokens, 1, Number.MAX_SAFE_INTEGER);
      return new OpenAiChatModel({
        apiKey,
        model: settings.model ?? model,
        temperature: settings.temperature,
        maxTokens: settings.maxTokens,
        maxRetries: 0,
        timeout: timeoutMs,
        streamUsage: true,
        // The client would print answers it cannot read.
        configuration: { baseURL: baseUrl.replace(/\/+$/, ''), logLevel: 'off' },
      });
    },
  };
}

function assertInRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value !== undefined && !(value >= least && value <= most))
    throw new EngineError('engine_settings', `OpenAI: ${name} must be from ${least} to ${most}`, false);
}
