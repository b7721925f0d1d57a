import type { Broker } from './broker.js';
import { freePort } from './free-port.js';
import { findBrokerProgram, startLocalBroker } from './local-broker.js';
import { TestingError } from './testing-error.js';
import { deadline, eventually } from './deadline.js';

/** A cluster of three NATS servers that belongs to one test. */
export interface Cluster {
  /** All servers, with commas. */
  readonly url: string;
  /** By name, `n1` to `n3`; each can be killed, frozen and restarted by itself. */
  readonly servers: ReadonlyMap<string, Broker>;
  /** Ends all servers and removes their stores. */
  stop(): Promise<void>;
}

const SIZE = 3;
const FORM_MS = 15_000;

/**
 * Starts three servers that know each other, from the local program: containers would each need the others' addresses
 * before they are started, and killing and freezing one is the same for a process. Ready when every server says
 * that JetStream is current.
 * @throws {TestingError} `broker_missing`, `broker_start_failed`
 */
export async function startCluster(config = ''): Promise<Cluster> {
  const program = await findBrokerProgram();
  if (!program) {
    throw new TestingError(
      'broker_missing',
      'a cluster needs the program nats-server (Debian: apt-get install nats-server)',
    );
  }
  const names = Array.from({ length: SIZE }, (_, i) => `n${i + 1}`);
  const ports = await Promise.all(names.map(freePort));
  const monitors = await Promise.all(names.map(freePort));
  const routes = ports.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
  const servers = new Map<string, Broker>();
  const stop = async () => {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  };
  try {
    await Promise.all(
      names.map(async (name, i) => {
        const lines = [
          `server_name: ${name}`,
          `http: "127.0.0.1:${monitors[i]}"`,
          `cluster { name: parley, listen: "127.0.0.1:${ports[i]}", routes: [${routes}] }`,
          config,
        ];
        servers.set(name, await startLocalBroker(program, { config: lines.join('\n') }));
      }),
    );
    await deadline(Promise.all(monitors.map(isCurrent)), FORM_MS, 'cluster');
  } catch (cause) {
    await stop();
    if (cause instanceof TestingError && cause.code === 'broker_start_failed') throw cause;
    throw new TestingError('broker_start_failed', 'the servers did not become a cluster', { cause });
  }
  return { url: names.map((name) => servers.get(name)?.url).join(','), servers, stop };
}

async function isCurrent(monitor: number): Promise<void> {
  const look = async () => (await fetch(`http://127.0.0.1:${monitor}/healthz`)).ok;
  await eventually(look, { what: 'health of a server', deadlineMs: FORM_MS, intervalMs: 50 });
}
