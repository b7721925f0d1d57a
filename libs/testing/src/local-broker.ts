import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker, BrokerOptions } from './broker.js';
import { brokerConfig } from './broker-config.js';
import { deadline } from './deadline.js';
import { TestingError } from './testing-error.js';
import { loadTestingConfig } from './testing.config.js';

const START_MS = 10_000;
const STOP_MS = 5000;
const KEPT_OUTPUT_BYTES = 4096;

/** Finds the program `nats-server`. */
export async function findBrokerProgram(path = loadTestingConfig().path): Promise<string | undefined> {
  for (const folder of path) {
    const program = join(folder, 'nats-server');
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return undefined;
}

/** Starts the program on a port of its own choice, with a store in a temporary folder. */
export async function startLocalBroker(program: string, options: BrokerOptions): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-broker-'));
  try {
    let running = await run(program, folder, options, -1);
    const { port } = running;
    let isStopped = false;
    const assertUsable = () => {
      if (isStopped) throw new TestingError('broker_stopped', 'the broker was stopped, and its store is gone');
    };
    return {
      url: `nats://127.0.0.1:${port}`,
      how: 'program',
      storeDir: join(folder, 'store'),
      async stop() {
        if (isStopped) return;
        isStopped = true;
        await running.end('SIGTERM');
        await rm(folder, { recursive: true, force: true });
      },
      async restart() {
        assertUsable();
        await running.end('SIGTERM');
        running = await run(program, folder, options, port);
      },
      async kill() {
        assertUsable();
        await running.end('SIGKILL');
      },
      async pause() {
        assertUsable();
        running.signal('SIGSTOP');
      },
      async resume() {
        assertUsable();
        running.signal('SIGCONT');
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Running {
  port: number;
  signal(name: NodeJS.Signals): void;
  end(how: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

async function run(program: string, folder: string, options: BrokerOptions, port: number): Promise<Running> {
  const configFile = join(folder, 'nats.conf');
  await writeFile(configFile, brokerConfig(options, { port, storeDir: join(folder, 'store'), portsDir: folder }));
  const server = spawn(program, ['-c', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
    server.once('error', () => resolve());
  });
  let output = '';
  server.stderr?.on('data', (part: Buffer) => (output = (output + String(part)).slice(-KEPT_OUTPUT_BYTES)));
  const release = endWithThisProcess(server, folder);
  const end = async (how: NodeJS.Signals) => {
    // A frozen server takes no SIGTERM before it goes on.
    if (server.kill(how) && how !== 'SIGKILL') server.kill('SIGCONT');
    await deadline(exited, STOP_MS, 'end of the broker').catch(async () => {
      server.kill('SIGKILL');
      await exited;
    });
    release();
  };
  try {
    const up = portOf(server, folder, exited, () => output);
    const chosen = await deadline(up, options.startMs ?? START_MS, 'sign of life of the broker');
    return { port: chosen, end, signal: (name) => void server.kill(name) };
  } catch (cause) {
    await end('SIGKILL');
    throw new TestingError('broker_start_failed', `${program} did not come up: ${output.trim() || String(cause)}`, {
      cause,
    });
  }
}

/** The server writes its ports once it listens, and says it is ready once JetStream is. */
async function portOf(
  server: ChildProcess,
  folder: string,
  exited: Promise<void>,
  output: () => string,
): Promise<number> {
  let isDown = false;
  void exited.then(() => (isDown = true));
  while (!isDown) {
    if (output().includes('Server is ready')) {
      const file = await readFile(join(folder, `nats-server_${server.pid}.ports`), 'utf8').catch(() => '');
      const port = /"nats":\s*\[\s*"nats:\/\/[^"]*:(\d+)"/.exec(file)?.[1];
      if (port) return Number(port);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new TestingError('broker_start_failed', 'it ended at once');
}

/**
 * A shell that waits for this process to close its end of a pipe, which the system does however it dies, and then
 * kills the server and removes its folder. Neither of the two keeps this process alive.
 * @returns ends the shell, when the server is down
 */
function endWithThisProcess(server: ChildProcess, folder: string): () => void {
  if (server.pid === undefined) return () => {};
  const script = 'read -r _; kill -9 "$1" 2>/dev/null; rm -rf "$2"';
  const guard = spawn('/bin/sh', ['-c', script, 'guard', String(server.pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.once('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  server.unref();
  (server.stderr as unknown as { unref(): void }).unref();
  return () => guard.kill('SIGKILL');
}
