import { EngineError, type EngineErrorCode } from '@parley/ports';

/** What the errors of LangChain and of the OpenAI client have in common. */
interface VendorError {
  name?: string;
  message?: string;
  status?: number;
  code?: string | null;
  type?: string | null;
  headers?: Headers | Record<string, string>;
  error?: { code?: string | null; type?: string | null };
  lc_error_code?: string;
}

/**
 * Translates whatever the client threw into an `EngineError`. The vendor's message is kept only as `cause`:
 * it may quote the prompt.
 */
export function toEngineError(thrown: unknown, signal?: AbortSignal): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const vendor = (thrown && typeof thrown === 'object' ? thrown : {}) as VendorError;
  const make = (code: EngineErrorCode, message: string, retryable: boolean, retryAfterMs?: number) =>
    new EngineError(code, `OpenAI: ${message}`, retryable, { cause: thrown, retryAfterMs });

  if (signal?.aborted || vendor.name === 'AbortError' || vendor.message === 'AbortError')
    return make('engine_aborted', 'the caller aborted', false);
  if (vendor.name === 'TimeoutError') return make('engine_timeout', 'no answer in time', true);
  const { status } = vendor;
  const code = vendor.code ?? vendor.error?.code ?? vendor.error?.type ?? vendor.type ?? '';
  if (vendor.name === 'ContextOverflowError' || code === 'context_length_exceeded')
    return make('engine_input', 'the conversation is longer than the model takes', false);
  if (code === 'insufficient_quota') return make('engine_rate_limited', 'the quota is used up', false);
  if (status === 401 || status === 403) return make('engine_auth', `the key was refused (${status})`, false);
  if (status === 404) return make('engine_settings', 'there is no such model or address (404)', false);
  if (status === 408) return make('engine_timeout', 'no answer in time (408)', true);
  if (status === 429) return make('engine_rate_limited', 'too many requests (429)', true, retryAfterMs(vendor));
  if (status === 503) return make('engine_busy', 'the service is overloaded (503)', true, retryAfterMs(vendor));
  if (status !== undefined && status >= 500) return make('engine_unavailable', `the service failed (${status})`, true);
  if (status !== undefined && status >= 400) return make('engine_input', `the request was refused (${status})`, false);
  if (thrown instanceof SyntaxError) return make('engine_protocol', 'the answer is no event stream of JSON', true);
  return make('engine_unavailable', 'the connection failed', true);
}

/** How long the service asks to be left alone: `retry-after-ms`, or `retry-after` in seconds. */
function retryAfterMs({ headers }: VendorError): number | undefined {
  const header = (name: string) => (headers instanceof Headers ? headers.get(name) : headers?.[name]);
  const ms = Number(header('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const seconds = Number(header('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
