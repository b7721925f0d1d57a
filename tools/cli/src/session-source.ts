import { existsSync, readFileSync } from 'node:fs';
import type { SessionStore } from '@parley/bus';
import { isSessionId } from '@parley/contracts';
import { decodeLogFile, type RecordedSession } from '@parley/session-log';
import { CliError, EXIT } from './cli-error.js';

/** Runs with the broker's store of sessions, and closes it. @throws {CliError} the bus's code, such as `unavailable` */
export async function withStore<T>(natsUrl: string, use: (store: SessionStore) => Promise<T>): Promise<T> {
  // Loaded here, so that the other commands start without it.
  const { openSessionStore } = await import('@parley/bus');
  let store: SessionStore | undefined;
  try {
    store = await openSessionStore(natsUrl);
    return await use(store);
  } catch (cause) {
    const { code, message } = cause as Error & { code?: string };
    if (cause instanceof CliError || typeof code !== 'string') throw cause;
    throw new CliError(code, message, code === 'session_exists' ? EXIT.usage : EXIT.cannotConnect, { cause });
  } finally {
    await store?.close();
  }
}

/**
 * A session from a file that was exported, or from the broker by its id.
 * @throws {CliError} `session_unknown`, `log_file_invalid`, `file_unreadable`, or the bus's code
 */
export async function readSession(idOrFile: string, natsUrl: string): Promise<RecordedSession> {
  if (existsSync(idOrFile)) return readLogFile(idOrFile);
  if (!isSessionId(idOrFile)) {
    throw new CliError('session_unknown', `${idOrFile} is neither a file nor the id of a session`, EXIT.usage);
  }
  const session = await withStore(natsUrl, (store) => store.read(idOrFile));
  if (session.events.length > 0) return session;
  throw new CliError(
    'session_unknown',
    `nothing is stored of ${idOrFile}: "parley sessions" lists what is`,
    EXIT.usage,
  );
}

/** @throws {CliError} `file_unreadable`, `log_file_invalid` */
export function readLogFile(path: string): RecordedSession {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CliError('file_unreadable', `${path} cannot be read (${code ?? message})`, EXIT.usage, { cause });
  }
  try {
    return decodeLogFile(bytes);
  } catch (cause) {
    throw new CliError('log_file_invalid', `${path}: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}
