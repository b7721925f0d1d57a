import { EngineError, type EngineErrorCode } from '@parley/ports';
import { errorOfStatus } from './http-error.js';

/** What the errors of LangChain and of the vendors' own HTTP clients have in common. */
interface ClientError {
  name?: string;
  message?: string;
  status?: number;
  code?: string | null;
  type?: string | null;
  headers?: Headers | Record<string, string>;
  /** The body of a refusal, or what is under `error` in it. */
  error?: { code?: string | null; type?: string | null; error?: { type?: string | null } };
}

/** A vendor's way to say what is wrong. */
export interface ClientErrorOptions {
  /** As it stands in messages. */
  provider: string;
  /** Of the caller. */
  signal?: AbortSignal;
  /** What the vendor's words for errors mean, its `code` or `type`, in the middle of an answer; of refusals, those for quota. */
  words: Readonly<Record<string, EngineErrorCode>>;
  /** Of a refusal that says in its text alone that the account is used up. */
  quotaText?: RegExp;
}

const MEANINGS: Partial<Record<EngineErrorCode, { message: string; retryable: boolean }>> = {
  engine_auth: { message: 'the key was refused', retryable: false },
  engine_busy: { message: 'the service is overloaded', retryable: true },
  engine_input: { message: 'the request was refused', retryable: false },
  engine_quota: { message: 'the quota is used up', retryable: false },
  engine_rate_limited: { message: 'too many requests', retryable: true },
  engine_settings: { message: 'there is no such model', retryable: false },
  engine_timeout: { message: 'no answer in time', retryable: true },
};

/**
 * Translates whatever a client threw into an `EngineError`. The vendor's message is kept only as `cause`: it may quote
 * the caller.
 */
export function errorOfClient(thrown: unknown, options: ClientErrorOptions): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const { provider, signal, words, quotaText } = options;
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as ClientError;
  const { name, message = '', status } = error;
  const make = (code: EngineErrorCode, text: string, retryable: boolean) =>
    new EngineError(code, `${provider}: ${text}`, retryable, { cause: thrown });

  if (signal?.aborted || name === 'AbortError' || message === 'AbortError')
    return make('engine_aborted', 'the caller aborted', false);
  if (name === 'TimeoutError' || classOf(error) === 'APIConnectionTimeoutError')
    return make('engine_timeout', 'no answer in time', true);
  if (name === 'ContextOverflowError')
    return make('engine_input', 'the conversation is longer than the model takes', false);
  const known = wordsOf(error).find((word) => word in words);
  const code = quotaText?.test(message) ? 'engine_quota' : known === undefined ? undefined : words[known];
  if (status !== undefined && status >= 400)
    return errorOfStatus({ provider, status, headers: error.headers, isQuota: code === 'engine_quota', cause: thrown });
  const meaning = code && MEANINGS[code];
  if (meaning) return make(code, meaning.message, meaning.retryable);
  if (name === 'SyntaxError' || (name === 'TypeError' && !isOfConnection(error)))
    return make('engine_protocol', 'the answer cannot be read', true);
  return make('engine_unavailable', 'the connection or the service failed', true);
}

function wordsOf({ code, type, error }: ClientError): string[] {
  return [code, error?.code, error?.error?.type, type, error?.type].filter((word) => word != null);
}

/** What `fetch` throws, before or in the middle of an answer; other errors of this kind are a client's that lost its way. */
function isOfConnection({ message = '', ...error }: ClientError): boolean {
  return /^(terminated|fetch failed)/.test(message) || 'cause' in error;
}

function classOf(error: object): string | undefined {
  return (error as { constructor?: { name?: string } }).constructor?.name;
}
