import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root, without a trailing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const running = new Set();
const killedAtExit = () => running.forEach((child) => child.kill('SIGKILL'));

/**
 * Runs a command to its end in the repository's root. Never rejects: a command that could not be started has code 127,
 * one that was ended by a signal or its deadline has 128.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, quiet?: boolean, signal?: AbortSignal, deadlineMs?: number }} [options]
 *   env: added to this process's; quiet: collect what is printed instead of showing it; signal: ends the command
 * @returns {Promise<{ code: number, output: string }>} output: stdout and stderr together, empty unless quiet
 */
export function run(command, args, { env = {}, quiet = false, signal, deadlineMs } = {}) {
  if (running.size === 0 && !process.listeners('exit').includes(killedAtExit)) process.on('exit', killedAtExit);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      signal,
      timeout: deadlineMs,
    });
    running.add(child);
    const printed = [];
    child.stdout?.on('data', (bytes) => printed.push(bytes));
    child.stderr?.on('data', (bytes) => printed.push(bytes));
    const end = (code, note = '') => {
      running.delete(child);
      resolve({ code, output: Buffer.concat(printed).toString() + note });
    };
    child.on('error', (error) => {
      if (child.pid === undefined) end(127, `${command}: ${error.message}\n`);
    });
    child.on('close', (code) => end(code ?? 128));
  });
}

/** The last lines of a text, blank ones left out. */
export function lastLines(text, count) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n');
}
