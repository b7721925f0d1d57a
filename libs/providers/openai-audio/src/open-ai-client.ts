import { assertApiKey, httpBase } from '@parley/provider-kit';
import { OpenAI } from 'openai';

/** Where OpenAI, or a server like it, is, and how long it is waited for. */
export interface OpenAiAccount {
  /** Any text, for a server that needs none. */
  apiKey: string;
  /** Of the service or of one like it, up to and with `/v1`. @defaultValue OpenAI's own */
  baseUrl?: string;
  /** Part of the wait for an answer that is left for connecting and sending, in ms. @defaultValue 5000 */
  connectTimeoutMs?: number;
  /** Longest wait for an answer to begin beyond that, and for each next part of it, in ms. @defaultValue 5000 */
  answerTimeoutMs?: number;
}

/** The official client, and the deadlines of its requests. */
export interface OpenAiClient {
  client: OpenAI;
  /** Until an answer begins: connecting cannot be told from waiting. In ms. */
  beginTimeoutMs: number;
  /** Until the next part of it, in ms. */
  partTimeoutMs: number;
}

/**
 * Makes the client. It tries nothing again, logs nothing, and takes neither key nor organization from the environment.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function openAiClient(account: OpenAiAccount): OpenAiClient {
  const { apiKey, connectTimeoutMs = 5000, answerTimeoutMs = 5000 } = account;
  assertApiKey('OpenAI', apiKey);
  const baseURL = httpBase('OpenAI', account.baseUrl ?? 'https://api.openai.com/v1');
  const beginTimeoutMs = connectTimeoutMs + answerTimeoutMs;
  const client = new OpenAI({
    apiKey,
    baseURL,
    organization: null,
    project: null,
    adminAPIKey: null,
    maxRetries: 0,
    // Ours comes first, and goes on after the headers, where the client's ends.
    timeout: 2 * beginTimeoutMs,
    logLevel: 'off',
  });
  return { client, beginTimeoutMs, partTimeoutMs: answerTimeoutMs };
}
