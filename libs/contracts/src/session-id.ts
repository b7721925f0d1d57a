import { ContractError } from './contract-error.js';

/** What a session id looks like: one token of a NATS subject. */
export const SESSION_ID = /^[A-Za-z0-9_-]{1,64}$/;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Makes a session id: 10 characters of creation time (ms, so ids sort by age) and 16 random ones,
 * in Crockford's base 32, all legal in a NATS subject token.
 */
export function newSessionId(nowMs = Date.now()): string {
  let time = '';
  for (let rest = Math.floor(nowMs), i = 0; i < 10; i++, rest = Math.floor(rest / 32))
    time = ALPHABET[rest % 32] + time;
  let random = '';
  for (const byte of globalThis.crypto.getRandomValues(new Uint8Array(16))) random += ALPHABET[byte % 32];
  return time + random;
}

/** Whether a text can be a session id: 1 to 64 characters of A-Z, a-z, 0-9, `_` and `-`. */
export function isSessionId(text: unknown): text is string {
  return typeof text === 'string' && SESSION_ID.test(text);
}

/**
 * Returns the id unchanged when it can stand in a subject.
 * @throws {ContractError} `invalid_session_id`
 */
export function assertSessionId(text: unknown): string {
  if (isSessionId(text)) return text;
  throw new ContractError('invalid_session_id', 'a session id has 1 to 64 characters of A-Z, a-z, 0-9, _ and -');
}
