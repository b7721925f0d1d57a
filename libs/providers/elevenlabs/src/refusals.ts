import { EngineError, type EngineErrorCode } from '@parley/ports';
import { errorOfStatus } from '@parley/provider-kit';
import { PROVIDER } from './service.js';

type Meaning = readonly [code: EngineErrorCode, message: string, retryable: boolean];

const AUTH: Meaning = ['engine_auth', 'the key was refused', false];
const QUOTA: Meaning = ['engine_quota', 'the quota is used up', false];
const RATE: Meaning = ['engine_rate_limited', 'too many requests', true];
const BUSY: Meaning = ['engine_busy', 'the service is overloaded', true];
const FAILED: Meaning = ['engine_unavailable', 'the service failed', true];
const ENDED: Meaning = ['engine_unavailable', 'the service ended the session', true];
const INPUT: Meaning = ['engine_input', 'the request was refused', false];
const SETTINGS: Meaning = ['engine_settings', 'the settings were refused', false];

/** What the provider calls its errors: on its sockets, and in the `detail` of an HTTP answer. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  auth_error: AUTH,
  invalid_api_key: AUTH,
  missing_permissions: AUTH,
  detected_unusual_activity: AUTH,
  unaccepted_terms: AUTH,
  quota_exceeded: QUOTA,
  rate_limited: RATE,
  too_many_concurrent_requests: RATE,
  system_busy: BUSY,
  resource_exhausted: BUSY,
  queue_overflow: BUSY,
  max_active_conversations: BUSY,
  error: FAILED,
  transcriber_error: FAILED,
  session_time_limit_exceeded: ENDED,
  insufficient_audio_activity: ENDED,
  input_timeout_exceeded: ENDED,
  input_error: INPUT,
  chunk_size_exceeded: INPUT,
  invalid_input_message: INPUT,
  max_character_limit_exceeded: INPUT,
  invalid_request: SETTINGS,
  voice_not_found: SETTINGS,
  model_not_found: SETTINGS,
  output_format_not_allowed: SETTINGS,
};

/** The coded error of what the provider calls it; a service that failed where that is not known. */
export function errorOfKind(kind: string | undefined, cause: unknown): EngineError {
  const [code, message, retryable] = (kind !== undefined && MEANINGS[kind]) || FAILED;
  return new EngineError(code, `${PROVIDER}: ${message}`, retryable, { cause });
}

/** What the reason of a close calls it: the reason is the copy of a message, cut short. */
export function kindInReason(reason: string): string | undefined {
  return Object.keys(MEANINGS)
    .filter((kind) => kind !== 'error')
    .find((kind) => reason.includes(kind));
}

/** An HTTP answer that is none. */
export interface HttpRefusal {
  status: number;
  headers?: Headers;
  /** Parsed, where it was JSON. */
  body: unknown;
  cause: unknown;
}

/** The coded error of an HTTP answer: by what the provider calls it, else by its status. */
export function errorOfAnswer({ status, headers, body, cause }: HttpRefusal): EngineError {
  const kind = kindOf(body);
  const byStatus = errorOfStatus({ provider: PROVIDER, status, headers, cause, isQuota: kind === 'quota_exceeded' });
  const [code, message, retryable] = (kind !== undefined && MEANINGS[kind]) || [];
  if (code === undefined || message === undefined || retryable === undefined) return byStatus;
  return new EngineError(code, `${PROVIDER}: ${message} (${status})`, retryable, {
    cause,
    retryAfterMs: byStatus.retryAfterMs,
  });
}

/** Whether the refusal of an upgrade is the account's end: it has the status of a key that is refused. */
export function isQuotaRefusal(_status: number, body: string): { isQuota: boolean } {
  return { isQuota: body.includes('quota_exceeded') };
}

function kindOf(body: unknown): string | undefined {
  const detail = (body as { detail?: unknown } | null | undefined)?.detail;
  const kind = (detail as { status?: unknown } | null | undefined)?.status;
  return typeof kind === 'string' ? kind : undefined;
}
