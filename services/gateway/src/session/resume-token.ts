import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isSessionId } from '@parley/contracts';

const SECRET_BYTES = 24;

/** What a resume token says: which session, and the secret that only its caller knows. */
export interface ResumeToken {
  sessionId: string;
  secret: string;
}

/** A new session's token: `<sessionId>.<secret>`. */
export function newResumeToken(sessionId: string): string {
  return `${sessionId}.${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** Takes a token apart; undefined for what cannot be one. */
export function readResumeToken(token: string): ResumeToken | undefined {
  const dot = token.indexOf('.');
  const [sessionId, secret] = [token.slice(0, Math.max(0, dot)), token.slice(dot + 1)];
  return isSessionId(sessionId) && secret !== '' ? { sessionId, secret } : undefined;
}

/** SHA-256 of a token's secret, hex: what the session's log keeps. */
export function resumeKeyHash(token: string): string {
  return hashOf(token.slice(token.indexOf('.') + 1)).toString('hex');
}

/** Whether a secret is the one whose hash the log keeps; takes as long for a wrong one. */
export function isResumeSecret(secret: string, hash: string): boolean {
  const [given, wanted] = [hashOf(secret), Buffer.from(hash, 'hex')];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
