import { EngineError, type EngineErrorCode } from '@parley/ports';
import { errorOfStatus } from '@parley/provider-kit';

/** What the errors of the client, of `fetch` and of reading an answer have in common. */
interface ThrownFields {
  name?: string;
  status?: number;
  code?: string | null;
  type?: string | null;
  param?: string | null;
  headers?: Headers;
  cause?: unknown;
}

/** Parameters that come of the settings, so that no other text or voice would do better. */
const SETTINGS = ['model', 'voice', 'speed', 'instructions', 'language', 'response_format', 'temperature', 'stream'];

/** Translates whatever came of a request. The vendor's message is kept only as `cause`: it may quote the caller. */
export function apiErrorOf(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const { name, status, code, type, param, headers } = fieldsOf(thrown);
  const make = (errorCode: EngineErrorCode, message: string, retryable: boolean) =>
    new EngineError(errorCode, `OpenAI: ${message}`, retryable, { cause: thrown });
  const kind = code ?? type ?? '';
  const isQuota = /insufficient_quota|billing/.test(kind);
  if (status !== undefined) {
    if ((status === 400 || status === 422) && SETTINGS.includes(param ?? ''))
      return make('engine_settings', `the setting ${param} was refused`, false);
    return errorOfStatus({ provider: 'OpenAI', status, headers, isQuota, cause: thrown });
  }
  // An error within an answer that began well has no status.
  if (isQuota) return make('engine_quota', 'the quota is used up', false);
  if (kind.startsWith('rate_limit')) return make('engine_rate_limited', 'too many requests', true);
  if (name === 'SyntaxError' || kind === 'odd_length' || isBrokenHttp(thrown))
    return make('engine_protocol', 'the answer cannot be read', true);
  return make('engine_unavailable', 'the connection failed', true);
}

function isBrokenHttp(thrown: unknown): boolean {
  for (let at = thrown; at !== undefined && at !== null; at = fieldsOf(at).cause) {
    if (fieldsOf(at).code?.startsWith('HPE_')) return true;
  }
  return false;
}

// Errors of `fetch` may be of another realm than this one's `Error`.
function fieldsOf(thrown: unknown): ThrownFields {
  return typeof thrown === 'object' && thrown !== null ? thrown : {};
}
