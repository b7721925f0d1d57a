import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './run.mjs';
import { putBehind, putLevel } from './start-priority.mjs';
import { ToolError } from './tool-error.mjs';

const keptLines = 500;
const stableAfterMs = 30_000;
const groups = new Set();
const killGroups = () => groups.forEach((pid) => signalGroup(pid, 'SIGKILL'));
let prefix;

/**
 * A long-running program: `idle > running > stopped | crashed`, and back to running. It runs in a process group of its
 * own, so that a Ctrl-C in the terminal reaches it only by stop(), in order, and it does not outlive this process.
 */
export class ManagedProcess {
  #options;
  #child;
  #ended;
  #log;
  #lines = [];
  #expected = false;
  #backoff = new AbortController();
  #supervised = false;
  #started = false;
  #crashes = 0;

  /**
   * @param {object} options
   * @param {string} options.name
   * @param {string} options.command
   * @param {string[]} options.args
   * @param {Record<string, string | undefined>} options.env complete, not added to this process's
   * @param {string} options.logFile everything it prints goes here; emptied when it is first started
   * @param {boolean} [options.startsBehind] it has a low priority until it is ready
   * @param {(line: string) => void} options.say told of warnings, errors, crashes and restarts
   */
  constructor(options) {
    this.#options = options;
  }

  /** Whether it has been started and has not exited. */
  get running() {
    return this.#child !== undefined;
  }

  /** Its process id while it runs. */
  get pid() {
    return this.#child?.pid;
  }

  /** The last lines it printed, 500 at most. */
  get lines() {
    return [...this.#lines];
  }

  /** Starts it, unless it runs. */
  start() {
    if (this.running) return;
    const { command, args, env, logFile } = this.#options;
    mkdirSync(dirname(logFile), { recursive: true });
    this.#log = openSync(logFile, this.#started ? 'a' : 'w');
    this.#started = true;
    prefix ??= [...dieWithParent(), ...inTurn()];
    const [program, ...rest] = [...prefix, command, ...args];
    const child = spawn(program, rest, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#expected = false;
    const startedAtMs = performance.now();
    if (child.pid !== undefined) {
      if (this.#options.startsBehind) putBehind(child.pid);
      groups.add(child.pid);
      if (!process.listeners('exit').includes(killGroups)) process.on('exit', killGroups);
    }
    createInterface({ input: child.stdout }).on('line', (line) => this.#record(line));
    createInterface({ input: child.stderr }).on('line', (line) => this.#record(line));
    child.once('exit', () => signalGroup(child.pid, 'SIGKILL'));
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#record(`${command}: ${error.message}`);
        if (child.pid === undefined) resolve(this.#onEnd(child, 'could not be started', 0));
      });
      child.once('close', (code, signal) => {
        const ranMs = performance.now() - startedAtMs;
        resolve(this.#onEnd(child, signal ? `was ended by ${signal}` : `exited with code ${code}`, ranMs));
      });
    });
  }

  /** From now on a crash is followed by a restart, after 1 s, doubling to 10 s while it keeps crashing. */
  supervise() {
    this.#supervised = true;
  }

  /**
   * Resolves when `probe` does with true; asks ten times a second.
   *
   * @param {{ probe: () => Promise<boolean>, deadlineMs: number, signal?: AbortSignal }} options
   * @throws {ToolError} PROCESS_EXITED, PROCESS_NOT_READY, with the last lines it printed
   */
  async untilReady({ probe, deadlineMs, signal }) {
    const deadlineAtMs = performance.now() + deadlineMs;
    while (!(await probe())) {
      signal?.throwIfAborted();
      if (!this.running) throw this.#failure('PROCESS_EXITED', 'exited before it was ready');
      if (performance.now() > deadlineAtMs) {
        throw this.#failure('PROCESS_NOT_READY', `was not ready within ${deadlineMs / 1000} s`);
      }
      await delay(100, undefined, { signal });
    }
    if (this.#options.startsBehind && this.running) putLevel(this.pid);
  }

  /** Asks it to end, and kills it if it has not within the deadline. May be called twice. */
  async stop(deadlineMs) {
    this.#standDown();
    if (!this.running) return;
    const pid = this.#child.pid;
    signalGroup(pid, 'SIGTERM');
    // A paused process would see the request only when it goes on.
    signalGroup(pid, 'SIGCONT');
    const timer = setTimeout(() => {
      this.#options.say(`${this.#options.name} did not stop within ${deadlineMs / 1000} s and is killed`);
      signalGroup(pid, 'SIGKILL');
    }, deadlineMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends it at once, as a crash of the machine would; it is not restarted. */
  async kill() {
    this.#standDown();
    if (!this.running) return;
    signalGroup(this.#child.pid, 'SIGKILL');
    await this.#ended;
  }

  /** Holds it still, as a machine without time for it would: it keeps its sockets and answers nothing. */
  pause() {
    this.#signalRunning('SIGSTOP');
  }

  /** Lets it go on after pause(). */
  resume() {
    this.#signalRunning('SIGCONT');
  }

  #signalRunning(signal) {
    if (this.running) signalGroup(this.#child.pid, signal);
  }

  #standDown() {
    this.#expected = true;
    this.#backoff.abort();
    this.#backoff = new AbortController();
  }

  #onEnd(child, how, ranMs) {
    groups.delete(child.pid);
    this.#child = undefined;
    closeSync(this.#log);
    if (this.#expected) return;
    const { name, say } = this.#options;
    if (!this.#supervised) return say(`${name} ${how}`);
    this.#crashes = ranMs > stableAfterMs ? 0 : this.#crashes;
    const pauseMs = Math.min(10_000, 1000 * 2 ** this.#crashes++);
    say(`${name} ${how} and is restarted in ${pauseMs / 1000} s; its last lines are\n${this.#tail(4)}`);
    delay(pauseMs, undefined, { signal: this.#backoff.signal }).then(
      () => this.start(),
      () => undefined, // stood down meanwhile
    );
  }

  #record(line) {
    writeSync(this.#log, `${line}\n`);
    this.#lines.push(line);
    if (this.#lines.length > keptLines) this.#lines.shift();
    const warning = warningIn(line);
    if (warning !== undefined) this.#options.say(`${this.#options.name} ${warning}`);
  }

  #tail(count) {
    return this.#lines
      .slice(-count)
      .map((line) => `    ${line}`)
      .join('\n');
  }

  #failure(code, what) {
    const { name, logFile } = this.#options;
    return new ToolError(code, `${name} ${what}; its log is ${logFile} and ends with\n${this.#tail(12)}`);
  }
}

/**
 * A warning or error among structured log lines, shortened for a terminal: `warn: broker connection lost`.
 *
 * @param {string} line one JSON record, or anything else
 * @returns {string | undefined} undefined for lesser levels and other text
 */
export function warningIn(line) {
  if (!line.startsWith('{')) return undefined;
  let record;
  try {
    record = JSON.parse(line);
  } catch {
    return undefined; // not a record of ours: it stays in the log file
  }
  const level = typeof record.level === 'number' ? levelName(record.level) : String(record.level).toLowerCase();
  if (!['warn', 'error', 'fatal'].includes(level)) return undefined;
  const cause = record.err?.message ?? record.error?.message;
  return `${level}: ${record.msg ?? record.message ?? line}${cause ? ` (${cause})` : ''}`;
}

function levelName(level) {
  if (level >= 60) return 'fatal';
  if (level >= 50) return 'error';
  return level >= 40 ? 'warn' : 'info';
}

function signalGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

// The exit handler cannot run when this process is itself killed; Linux then ends the children.
function dieWithParent() {
  return ifItRuns(['setpriv', '--pdeathsig', 'KILL']);
}

// One that wakes up does not interrupt another that is at work: processes that pass messages to each other on few
// processors would do that for every message.
function inTurn() {
  return ifItRuns(['chrt', '--batch', '0']);
}

function ifItRuns(words) {
  const [command, ...args] = words;
  return spawnSync(command, [...args, 'true']).status === 0 ? words : [];
}
