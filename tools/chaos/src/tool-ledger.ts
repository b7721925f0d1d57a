import { readFileSync } from 'node:fs';

/** One execution of the agent's tool, as the tool itself recorded it when it took effect. */
export interface ToolExecution {
  sessionId: string;
  key: string;
  idempotencyKey: string;
  pid: number;
  /** In ms since 1970. */
  begunAt: number;
  at: number;
}

/** Every execution so far, by session. Empty when there is no file yet. */
export function readToolLedger(path: string): Map<string, ToolExecution[]> {
  const bySession = new Map<string, ToolExecution[]>();
  for (const line of textOf(path).split('\n').filter(Boolean)) {
    const execution = JSON.parse(line) as ToolExecution;
    const known = bySession.get(execution.sessionId);
    if (known) known.push(execution);
    else bySession.set(execution.sessionId, [execution]);
  }
  return bySession;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
