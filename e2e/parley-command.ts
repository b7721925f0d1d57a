import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

/** The folder of the workspace. */
export const ROOT = resolve(import.meta.dirname, '..');

/** What a run of the command line left behind. */
export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs `parley` as a user does, in a process of its own, for at most two minutes. */
export function parley(args: readonly string[], input = ''): Promise<CommandResult> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [resolve(ROOT, 'tools/cli/bin/parley.mjs'), ...args],
      { cwd: ROOT, timeout: 120_000, maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        const exitCode = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        done({ exitCode, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}
