import { startContainerBroker } from './container-broker.js';
import { hasContainerEngine } from './container-engine.js';
import { findBrokerProgram, startLocalBroker } from './local-broker.js';
import { TestingError } from './testing-error.js';

/** Settings of a broker for tests. */
export interface BrokerOptions {
  /** More text for the server's configuration file: users, limits, leaf nodes. */
  config?: string;
  /** @defaultValue true */
  jetStream?: boolean;
  /** `auto` takes a container where an engine answers and the local program otherwise. @defaultValue 'auto' */
  how?: 'auto' | 'container' | 'program';
  /** How long the server has to come up. @defaultValue 10000, and 60000 for a container, whose image may be fetched */
  startMs?: number;
}

/** A real NATS server with JetStream that belongs to one test. Its address and its store outlive `restart`. */
export interface Broker {
  readonly url: string;
  readonly how: 'container' | 'program';
  /** Where it stores; undefined in a container. */
  readonly storeDir?: string;
  /** Ends the server and removes its store. May be called twice. */
  stop(): Promise<void>;
  /** Stops the server unless it is down already, and starts it again on the same address with what it had stored. */
  restart(): Promise<void>;
  /** Kills the server at once, as a crash does; it stays down until `restart`. */
  kill(): Promise<void>;
  /** Freezes the server: connections stay open and nothing answers. */
  pause(): Promise<void>;
  /** Lets a frozen server go on. */
  resume(): Promise<void>;
}

/**
 * Starts a NATS server of its own for a test. It ends with the test process, however that ends.
 * @throws {TestingError} `broker_missing` saying what to install, `broker_start_failed` with what the server said
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { how = 'auto' } = options;
  if (how !== 'program' && (await hasContainerEngine())) return startContainerBroker(options);
  const program = how === 'container' ? undefined : await findBrokerProgram();
  if (program) return startLocalBroker(program, options);
  throw new TestingError(
    'broker_missing',
    how === 'container'
      ? 'no container engine answers on DOCKER_HOST or /var/run/docker.sock: start one'
      : 'tests need a NATS server: install the program nats-server (Debian: apt-get install nats-server), or start a container engine',
  );
}
