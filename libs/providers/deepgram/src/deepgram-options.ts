import { EngineError, type ProviderObserver } from '@parley/ports';

/** How Deepgram is reached, whichever model it is. */
export interface DeepgramConnectionOptions {
  apiKey: string;
  /** Of the service, a region's or one's own: `ws:`, `wss:`, `http:` or `https:`, without a path. @defaultValue `wss://api.deepgram.com` */
  baseUrl?: string;
  observe?: ProviderObserver;
  /** How long a stream may take to open. @defaultValue 5000 */
  connectTimeoutMs?: number;
  /** How long the answer to a flush may take. @defaultValue 5000 */
  answerTimeoutMs?: number;
  /** Silence on the line after which it is kept alive, 3 to 5 s; it is closed after 10 s. @defaultValue 4000 */
  keepAliveMs?: number;
}

/**
 * Fills in what was left out.
 * @throws {EngineError} `engine_settings` without a key or with a base URL that is none
 */
export function compileOptions(options: DeepgramConnectionOptions): Required<DeepgramConnectionOptions> {
  const { apiKey, baseUrl = 'wss://api.deepgram.com', observe = () => undefined } = options;
  if (apiKey.trim() === '') throw new EngineError('engine_settings', 'Deepgram: there is no API key', false);
  if (!URL.canParse(baseUrl) || !/^(ws|http)s?:$/.test(new URL(baseUrl).protocol))
    throw new EngineError('engine_settings', 'Deepgram: the base URL is none', false);
  const { connectTimeoutMs = 5000, answerTimeoutMs = 5000, keepAliveMs = 4000 } = options;
  const socketUrl = baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '');
  return { apiKey, baseUrl: socketUrl, observe, connectTimeoutMs, answerTimeoutMs, keepAliveMs };
}
