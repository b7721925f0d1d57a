import type { WordTime } from '@parley/contracts';
import { EngineError } from '@parley/ports';
import { errorOfStatus } from '@parley/provider-kit';

/** What Cartesia says, as far as it matters. */
export type ServerMessage =
  | { type: 'audio'; contextId: string; bytes: Buffer; isLast: boolean }
  | { type: 'words'; contextId: string; words: WordTime[]; isLast: boolean }
  /** The context is over. */
  | { type: 'done'; contextId: string }
  | { type: 'error'; contextId: string; error: EngineError }
  /** An error of nobody knows which context. */
  | { type: 'stray_error'; error: EngineError }
  | { type: 'unknown' };

type Fields = Readonly<Record<string, unknown>>;

/** Reads a message. Other fields are passed over; one that cannot be understood is an `engine_protocol` error. */
export function readServerMessage(text: string): ServerMessage {
  const fields = fieldsOf(text);
  if (!fields) return { type: 'stray_error', error: malformed() };
  const contextId = typeof fields['context_id'] === 'string' ? fields['context_id'] : undefined;
  // Versions of the API before 2026 write `error` as a text, and no type.
  if (fields['type'] === 'error' || (fields['type'] === undefined && typeof fields['error'] === 'string'))
    return contextId === undefined
      ? { type: 'stray_error', error: errorOf(fields) }
      : { type: 'error', contextId, error: errorOf(fields) };
  if (contextId === undefined) return { type: 'unknown' };
  const isLast = fields['done'] === true;
  if (fields['type'] === 'chunk') {
    const bytes = bytesOf(fields['data']);
    return bytes ? { type: 'audio', contextId, bytes, isLast } : { type: 'error', contextId, error: malformed() };
  }
  if (fields['type'] === 'timestamps') {
    const words = wordsOf(fields['word_timestamps']);
    return words ? { type: 'words', contextId, words, isLast } : { type: 'error', contextId, error: malformed() };
  }
  return isLast ? { type: 'done', contextId } : { type: 'unknown' };
}

function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bytesOf(data: unknown): Buffer | undefined {
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(data)) return undefined;
  return Buffer.from(data, 'base64');
}

/** Seconds of three lists of one length; there may be none. */
function wordsOf(times: unknown): WordTime[] | undefined {
  if (times === null || times === undefined) return [];
  if (!isFields(times)) return undefined;
  const { words, start, end } = times;
  if (!Array.isArray(words) || !Array.isArray(start) || !Array.isArray(end)) return undefined;
  const read: WordTime[] = [];
  for (const [at, word] of words.entries()) {
    const [from, to] = [start[at], end[at]] as unknown[];
    if (typeof word !== 'string' || typeof from !== 'number' || typeof to !== 'number') return undefined;
    if (word.trim() !== '') read.push({ word: word.trim(), startMs: from * 1000, endMs: to * 1000 });
  }
  return read;
}

function errorOf(fields: Fields): EngineError {
  const said = [fields['error_code'], fields['title'], fields['message'], fields['error']];
  const cause = new Error(
    said
      .filter((part) => typeof part === 'string')
      .join(': ')
      .slice(0, 500),
  );
  const status = fields['status_code'];
  if (typeof status !== 'number')
    return new EngineError('engine_unavailable', 'Cartesia: the service failed', true, { cause });
  return errorOfStatus({ provider: 'Cartesia', status, isQuota: isQuota(fields['error_code']), cause });
}

/** Whether an error code says that the account is used up. */
export function isQuota(errorCode: unknown): boolean {
  return typeof errorCode === 'string' && /quota|credit/i.test(errorCode);
}

function malformed(): EngineError {
  return new EngineError('engine_protocol', 'Cartesia: a message cannot be read', true);
}
