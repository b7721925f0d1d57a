import type { BrokerOptions } from './broker.js';

/** The server's configuration file. */
export function brokerConfig(
  options: BrokerOptions,
  place: { port: number; storeDir: string; portsDir?: string },
): string {
  return [
    `port: ${place.port}`,
    ...(place.portsDir ? ['host: "127.0.0.1"', `ports_file_dir: "${place.portsDir}"`] : []),
    ...(options.jetStream === false ? [] : [`jetstream { store_dir: "${place.storeDir}" }`]),
    options.config ?? '',
    '',
  ].join('\n');
}
