import { EngineError, type EngineErrorCode } from '@parley/ports';
import { errorOfStatus } from '@parley/provider-kit';

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
  const make = (code: EngineErrorCode, message: string, retryable: boolean) =>
    new EngineError(code, `OpenAI: ${message}`, retryable, { cause: thrown });

  if (signal?.aborted || vendor.name === 'AbortError' || vendor.message === 'AbortError')
    return make('engine_aborted', 'the caller aborted', false);
  if (vendor.name === 'TimeoutError') return make('engine_timeout', 'no answer in time', true);
  const { status } = vendor;
  const code = vendor.code ?? vendor.error?.code ?? vendor.error?.type ?? vendor.type ?? '';
  if (vendor.name === 'ContextOverflowError' || code === 'context_length_exceeded')
    return make('engine_input', 'the conversation is longer than the model takes', false);
  if (code === 'insufficient_quota') return make('engine_quota', 'the quota is used up', false);
  if (status !== undefined && status >= 400)
    return errorOfStatus({ provider: 'OpenAI', status, headers: vendor.headers, cause: thrown });
  if (thrown instanceof SyntaxError) return make('engine_protocol', 'the answer is no event stream of JSON', true);
  return make('engine_unavailable', 'the connection failed', true);
}
