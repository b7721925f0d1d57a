import type { EngineError } from '@parley/ports';
import { errorOfClient } from '@parley/provider-kit';

const words = {
  context_length_exceeded: 'engine_input',
  content_filter: 'engine_input',
  insufficient_quota: 'engine_quota',
  invalid_api_key: 'engine_auth',
  invalid_request_error: 'engine_input',
  rate_limit_exceeded: 'engine_rate_limited',
} as const;

/** How Azure says that a subscription is used up. */
const quotaText = /out of call volume quota/i;

/**
 * Translates whatever the client threw into an `EngineError`. The vendor's message is kept only as `cause`:
 * it may quote the prompt.
 */
export function toEngineError(thrown: unknown, signal?: AbortSignal, provider = 'OpenAI'): EngineError {
  return errorOfClient(thrown, { provider, signal, words, quotaText });
}
