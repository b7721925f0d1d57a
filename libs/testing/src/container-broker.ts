import type { Broker, BrokerOptions } from './broker.js';
import { brokerConfig } from './broker-config.js';
import { freePort } from './free-port.js';
import { TestingError } from './testing-error.js';

const IMAGE = 'nats:2.11-alpine';
const CLIENT_PORT = 4222;
const START_MS = 60_000;
const CONFIG_FILE = '/etc/nats/parley.conf';

/** Starts the server in a container. The port on this side is fixed, because an engine gives a new one on every start otherwise. */
export async function startContainerBroker(options: BrokerOptions): Promise<Broker> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers');
  const port = await freePort();
  const config = brokerConfig(options, { port: CLIENT_PORT, storeDir: '/data' });
  const started = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: CLIENT_PORT, host: port })
    .withCopyContentToContainer([{ content: config, target: CONFIG_FILE }])
    .withCommand(['nats-server', '-c', CONFIG_FILE])
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .withStartupTimeout(options.startMs ?? START_MS)
    .start()
    .catch((cause: unknown) => {
      throw new TestingError('broker_start_failed', `the container of ${IMAGE} did not come up`, { cause });
    });
  const { container: engine } = await getContainerRuntimeClient();
  const container = engine.getById(started.getId());
  let isStopped = false;
  const usable = () => {
    if (isStopped) throw new TestingError('broker_stopped', 'the broker was stopped, and its store is gone');
    return container;
  };
  return {
    url: `nats://${started.getHost()}:${port}`,
    how: 'container',
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await container.remove({ force: true, v: true });
    },
    restart: () => usable().restart({ t: 5 }),
    kill: () => usable().kill({ signal: 'SIGKILL' }),
    pause: () => usable().pause(),
    resume: () => usable().unpause(),
  };
}
