import { machineTimes } from '@parley/chaos/measuring';
import { readBroker, type BrokerReading } from './broker-traffic.js';
import { readProcess, readProcesses, type ProcessReading } from './process-usage.js';
import { readService, type ServiceReading } from './service-metrics.js';

/** A running system, as far as a step uses it. */
export interface BenchSystem {
  urls: Record<string, string>;
  pids(): Record<string, number>;
  stop(): Promise<void>;
}

/** Everything that is read of it at one moment. */
export interface SystemReading {
  atMs: number;
  processes: Record<string, ProcessReading>;
  /** The callers' process. */
  load: ProcessReading;
  broker: BrokerReading;
  services: Record<string, ServiceReading>;
  /** Of the whole machine. */
  busy: { all: number; idle: number };
}

/** Reads the system and the callers' process. */
export async function readSystem(system: BenchSystem, loadPid: number): Promise<SystemReading> {
  const atMs = performance.now();
  // Without a wait between them, so that all are of the same moment.
  const processes = readProcesses(system.pids());
  const load = readProcess(loadPid);
  const busy = machineTimes();
  const urls = Object.entries(system.urls).filter(([name]) => !name.startsWith('nats'));
  const services = await Promise.all(urls.map(async ([name, url]) => [name, await readService(url)] as const));
  const broker = await readBroker(system.urls['natsMonitor'] as string);
  return { atMs, processes, load, broker, services: Object.fromEntries(services), busy };
}

/** Memory and handles of every process, in a line. */
export function growthText(system: BenchSystem): string {
  const now = Object.entries(readProcesses(system.pids()));
  return now.map(([name, { rssMiB, handles }]) => `${name} ${Math.round(rssMiB)} MiB, ${handles} handles`).join('; ');
}
