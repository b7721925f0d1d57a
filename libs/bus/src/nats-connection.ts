import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { BusError } from './bus-error.js';

/**
 * Connects, and tries until the deadline, so that services may start before their broker. Once it was up the connection
 * comes back by itself for ever.
 * @param name what the server shows the connection as
 * @throws {BusError} `unavailable`
 */
export async function connectWithin(url: string, name: string, timeoutMs: number): Promise<NatsConnection> {
  const until = Date.now() + timeoutMs;
  const options: ConnectionOptions = {
    servers: url.split(',').map((server) => server.trim()),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    // A server that has frozen is left for another one after two to three of these.
    pingInterval: 1000,
    maxPingOut: 2,
    timeout: 3000,
  };
  for (;;) {
    try {
      return await connect(options);
    } catch (cause) {
      if (Date.now() >= until) {
        throw new BusError(
          'unavailable',
          `no NATS server answers at ${withoutCredentials(url)}: start one or set NATS_URL`,
          true,
          { cause },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/g, '//');
}
