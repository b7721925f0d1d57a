import { gunzipSync, gzipSync } from 'node:zlib';
import { isSessionId, parseSubject } from '@parley/contracts';
import type { LoggedMessage, RecordedSession } from './logged-message.js';
import { SessionLogError } from './session-log-error.js';

const FORMAT = 'parley-session';
const VERSION = 1;

interface Line {
  subject: string;
  at: number;
  traceparent?: string;
  event?: unknown;
  base64?: string;
}

/**
 * A session as a file: gzip of JSON lines. The first is `{ format, version, sessionId, events, frames }`, the others are
 * messages: `{ subject, at, traceparent?, event }`, or `base64` in place of `event` for a frame and for what is no JSON.
 */
export function encodeLogFile({ sessionId, events, frames }: RecordedSession): Uint8Array {
  const head = { format: FORMAT, version: VERSION, sessionId, events: events.length, frames: frames.length };
  const lines = [head, ...[...events, ...frames].map(lineOf)];
  return gzipSync(lines.map((line) => JSON.stringify(line)).join('\n') + '\n');
}

/**
 * Reads a file that {@link encodeLogFile} wrote.
 * @throws {SessionLogError} `log_file_invalid` for another format, a newer version, a file that was cut off, or messages
 * of another session
 */
export function decodeLogFile(bytes: Uint8Array): RecordedSession {
  const [first, ...lines] = textOf(bytes).trimEnd().split('\n').map(parseLine);
  const head = (first ?? {}) as { format?: unknown; version?: unknown; sessionId?: unknown; events?: number; frames?: number }; // prettier-ignore
  if (head.format !== FORMAT) throw invalid('it is no session log');
  if (head.version !== VERSION) throw invalid(`its version is ${String(head.version)}, this build reads ${VERSION}`);
  if (typeof head.sessionId !== 'string' || !isSessionId(head.sessionId)) throw invalid('it names no session');
  const session: RecordedSession = { sessionId: head.sessionId, events: [], frames: [] };
  for (const line of lines) add(session, line as Line);
  if (session.events.length !== head.events || session.frames.length !== head.frames) {
    throw invalid(`it should hold ${head.events} events and ${head.frames} frames: it was cut off`);
  }
  return session;
}

function add(session: RecordedSession, { subject, at, traceparent, event, base64 }: Line): void {
  const { type, sessionId } = subjectOf(subject);
  if (sessionId !== session.sessionId) throw invalid('it holds messages of another session');
  if (typeof at !== 'number') throw invalid('a message has no time');
  const data = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : Buffer.from(JSON.stringify(event ?? null));
  const message: LoggedMessage = { subject, storedAtMs: at, data, ...(traceparent && { traceparent }) };
  if (type === 'audio') session.frames.push(message);
  else session.events.push(message);
}

function subjectOf(subject: string) {
  try {
    return parseSubject(subject);
  } catch (cause) {
    throw invalid('a message has no subject of a session', cause);
  }
}

function lineOf({ subject, storedAtMs, traceparent, data }: LoggedMessage): Line {
  const common = { subject, at: storedAtMs, ...(traceparent && { traceparent }) };
  const event = parseSubject(subject).type === 'audio' ? undefined : jsonOf(data);
  return event === undefined ? { ...common, base64: Buffer.from(data).toString('base64') } : { ...common, event };
}

/** Undefined unless writing it again gives the same bytes. */
function jsonOf(data: Uint8Array): unknown {
  const text = Buffer.from(data).toString();
  try {
    const json: unknown = JSON.parse(text);
    return JSON.stringify(json) === text ? json : undefined;
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return gunzipSync(bytes).toString();
  } catch (cause) {
    throw invalid('it is not compressed with gzip, or was cut off', cause);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid('a line is no JSON', cause);
  }
}

function invalid(why: string, cause?: unknown): SessionLogError {
  return new SessionLogError('log_file_invalid', `this file cannot be used: ${why}`, { cause });
}
