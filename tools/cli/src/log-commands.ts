import { writeFileSync } from 'node:fs';
import type { SessionSummary } from '@parley/bus';
import { encodeLogFile } from '@parley/session-log';
import { CliError, EXIT } from './cli-error.js';
import { replaySteps, stateLines, stepLine } from './replay-report.js';
import { readLogFile, readSession, withStore } from './session-source.js';
import type { Terminal } from './terminal.js';

/** What the commands on sessions' logs share. */
export interface LogCommandOptions {
  natsUrl: string;
  terminal: Pick<Terminal, 'write'>;
}

const REASON_POISONED = 'session_poisoned';

/** Lists sessions, the newest first. @throws {CliError} the bus's code */
export async function runSessions(
  options: LogCommandOptions & { poisoned: boolean; sinceMs: number; limit: number; json: boolean },
): Promise<void> {
  const { natsUrl, terminal, poisoned, sinceMs, limit, json } = options;
  const all = await withStore(natsUrl, (store) => store.list(sinceMs));
  const wanted = poisoned ? all.filter(({ closed }) => closed?.reason === REASON_POISONED) : all;
  const shown = wanted.slice(0, limit);
  for (const session of shown) terminal.write(`${json ? JSON.stringify(session) : sessionLine(session)}\n`);
  if (json) return;
  const what = poisoned ? 'poisoned sessions' : 'sessions';
  if (wanted.length === 0) terminal.write(`no ${what} are stored\n`);
  else if (wanted.length > shown.length) terminal.write(`${wanted.length - shown.length} older ${what} are not shown: --limit\n`); // prettier-ignore
}

/**
 * Folds a session's log and shows what happened and what is known after it, or at one message.
 * @throws {CliError} `session_unknown`, `log_file_invalid`, `no_such_message`, or the bus's code
 */
export async function runReplay(
  options: LogCommandOptions & { session: string; at?: number; json: boolean },
): Promise<void> {
  const { session, natsUrl, terminal, at, json } = options;
  const recorded = await readSession(session, natsUrl);
  const steps = replaySteps(recorded);
  const last = at === undefined ? steps.at(-1) : steps[at - 1];
  if (!last) {
    throw new CliError('no_such_message', `the log has ${steps.length} messages: --at counts from 1`, EXIT.usage);
  }
  if (json) {
    const { event, ...step } = last;
    terminal.write(`${JSON.stringify({ sessionId: recorded.sessionId, ...step, event })}\n`);
    return;
  }
  const startMs = steps[0]?.storedAtMs ?? 0;
  for (const step of at === undefined ? steps : [last]) terminal.write(`${stepLine(step, startMs)}\n`);
  const voice = recorded.frames.length > 0 ? `${recorded.frames.length} frames of voice` : 'no voice is kept';
  terminal.write(`\nsession     ${recorded.sessionId}, ${voice}\n${stateLines(last.state).join('\n')}\n`);
}

/** Writes a session with its voice to a file. @throws {CliError} `session_unknown`, `file_unwritable`, or the bus's code */
export async function runExport(options: LogCommandOptions & { session: string; out?: string }): Promise<void> {
  const { session, natsUrl, terminal, out } = options;
  const recorded = await readSession(session, natsUrl);
  const path = out ?? `${recorded.sessionId}.parley.gz`;
  const bytes = encodeLogFile(recorded);
  try {
    writeFileSync(path, bytes);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CliError('file_unwritable', `${path} cannot be written (${code ?? message})`, EXIT.usage, { cause });
  }
  const { events, frames } = recorded;
  terminal.write(`${path}: ${events.length} events, ${frames.length} frames, ${Math.ceil(bytes.length / 1024)} KiB\n`);
}

/** Stores an exported session in the broker. @throws {CliError} `log_file_invalid`, `session_exists`, or the bus's code */
export async function runImport(options: LogCommandOptions & { file: string }): Promise<void> {
  const { file, natsUrl, terminal } = options;
  const recorded = readLogFile(file);
  await withStore(natsUrl, (store) => store.write(recorded));
  const { sessionId, events, frames } = recorded;
  terminal.write(`${sessionId}: ${events.length} events and ${frames.length} frames are stored\n`);
}

function sessionLine({ sessionId, openedAtMs, agent, mode, resumed, closed }: SessionSummary): string {
  const end = closed ? `${closed.reason} after ${((closed.atMs - openedAtMs) / 1000).toFixed(0)} s` : 'open';
  const moved = resumed > 0 ? `, resumed ${resumed}x` : '';
  return `${sessionId}  ${new Date(openedAtMs).toISOString()}  ${agent}  ${mode}  ${end}${moved}`;
}
