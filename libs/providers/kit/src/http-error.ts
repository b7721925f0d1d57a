import { EngineError, type EngineErrorCode } from '@parley/ports';

/** An answer that is none, as far as it is understood. */
export interface Refusal {
  /** As it stands in messages: `Deepgram`. */
  provider: string;
  status: number;
  headers?: Headers | Readonly<Record<string, string | string[] | undefined>>;
  /** Said to be the account's end rather than a rate: vendors use 401, 402 and 429 for it. */
  isQuota?: boolean;
  cause?: unknown;
}

/**
 * The coded error of an HTTP status. What the vendor wrote is kept only as `cause`: it may quote the caller or the key.
 */
export function errorOfStatus({ provider, status, headers, isQuota, cause }: Refusal): EngineError {
  const make = (code: EngineErrorCode, message: string, retryable: boolean) =>
    new EngineError(code, `${provider}: ${message} (${status})`, retryable, { cause, retryAfterMs: retryAfterMs(headers) }); // prettier-ignore
  if (isQuota || status === 402) return make('engine_quota', 'the quota is used up', false);
  if (status === 401 || status === 403) return make('engine_auth', 'the key was refused', false);
  if (status === 404) return make('engine_settings', 'there is no such model, voice or address', false);
  if (status === 408) return make('engine_timeout', 'no answer in time', true);
  if (status === 429) return make('engine_rate_limited', 'too many requests', true);
  if (status === 503 || status === 529) return make('engine_busy', 'the service is overloaded', true);
  if (status >= 500) return make('engine_unavailable', 'the service failed', true);
  return make('engine_input', 'the request was refused', false);
}

/** How long a provider asks to be left alone: `retry-after-ms`, or `retry-after` in seconds. In ms. */
export function retryAfterMs(headers: Refusal['headers']): number | undefined {
  const header = (name: string) => {
    const value = headers instanceof Headers ? headers.get(name) : headers?.[name];
    return value == null || value === '' ? Number.NaN : Number(value);
  };
  const ms = header('retry-after-ms');
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const seconds = header('retry-after');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
