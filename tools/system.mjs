import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerAnswers, checkBroker } from './broker.mjs';
import { ManagedProcess } from './managed-process.mjs';
import { findProgram } from './native-programs.mjs';
import { checkPortsAreFree, freePorts } from './ports.mjs';
import { root } from './run.mjs';
import { ToolError } from './tool-error.mjs';

/** The stages that make a whole system, in the order audio passes them. */
export const services = ['gateway', 'stt', 'agent', 'tts'];

const brokerStopMs = 4000;
/**
 * A small nursery that one thread collects: its pauses are a fifth of the usual ones, and a process holds a third less. A
 * service's own threads would take the processors from the other services. The rest of the heap may double before it is
 * collected: without that a gateway collects it every second, for as much as it holds.
 */
export const memoryArgs = ['--max-semi-space-size=2', '--single-threaded-gc', '--heap-growing-percent=100'];
/** One arena for all threads: each of the others would keep some megabytes for itself. */
export const memoryEnv = { MALLOC_ARENA_MAX: '1' };

/** @see system.d.mts for the options and what is returned */
export async function startSystem(options = {}) {
  const { ports = 'free', env = {}, quiet = false, replicas = {}, serviceEnv = {}, nodeArgs = {}, signal } = options;
  const {
    deadlineMs = 60_000,
    stopDeadlineMs = 8000,
    restartCrashed = false,
    monitorsBroker = false,
    startsBehind = false,
    say = quiet ? () => undefined : console.error,
  } = options;
  const { mainOf = (service) => join(root, 'services', service, 'dist/main.js') } = options;
  const ownBroker = !env.NATS_URL;
  const instances = services.flatMap((service) => instancesOf(service, replicas[service] ?? 1));
  const brokerPorts = monitorsBroker ? ['nats', 'natsMonitor'] : ['nats'];
  const names = [...(ownBroker ? brokerPorts : []), ...instances.map(({ name }) => name)];
  const portOf = ports === 'free' ? await assignFreePorts(names) : pick(ports, names);
  await checkPortsAreFree(portOf);
  const temporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'parley-'));

  const natsUrl = env.NATS_URL || `nats://127.0.0.1:${portOf.nats}`;
  const urls = { nats: natsUrl };
  const processes = new Map();
  const probes = new Map();
  const logFile = (name) => join(dataDir, 'logs', `${name}.log`);

  if (ownBroker) {
    const args = ['-a', '127.0.0.1', '-p', String(portOf.nats), '-js', '-sd', join(dataDir, 'nats')];
    if (monitorsBroker) {
      args.push('-m', String(portOf.natsMonitor));
      urls.natsMonitor = `http://127.0.0.1:${portOf.natsMonitor}`;
    }
    const command = findProgram('nats-server') ?? 'nats-server';
    const broker = { name: 'nats', command, args, env: process.env, logFile: logFile('nats'), say };
    processes.set('nats', new ManagedProcess(broker));
    probes.set('nats', () => brokerAnswers(natsUrl));
  }
  for (const { name, service } of instances) {
    urls[name] = `http://localhost:${portOf[name]}`;
    const settings = { NATS_URL: natsUrl, PORT: String(portOf[name]) };
    const all = { PARLEY_LOG_FORMAT: 'json', ...memoryEnv, ...process.env, ...env, ...serviceEnv[name], ...settings };
    const program = {
      command: process.execPath,
      args: [...memoryArgs, ...(nodeArgs[service] ?? []), mainOf(service)],
      env: all,
    };
    processes.set(name, new ManagedProcess({ name, ...program, logFile: logFile(name), startsBehind, say }));
    probes.set(name, () => answersReady(urls[name]));
  }

  const find = (name) => {
    const found = processes.get(name);
    if (found) return found;
    throw new ToolError('INSTANCE_UNKNOWN', `"${name}" is not one of ${[...processes.keys()].join(', ')}.`);
  };
  const startAndWait = async (name) => {
    const started = find(name);
    started.start();
    await started.untilReady({ probe: probes.get(name), deadlineMs, signal });
    if (restartCrashed) started.supervise();
  };
  const stop = async () => {
    await Promise.all(instances.map(({ name }) => find(name).stop(stopDeadlineMs)));
    await processes.get('nats')?.stop(brokerStopMs);
    if (temporary) rmSync(dataDir, { recursive: true, force: true });
  };

  try {
    for (const service of services) checkBuilt(service, mainOf(service));
    if (ownBroker) await startAndWait('nats');
    else await checkBroker(natsUrl);
    await Promise.all(instances.map(({ name }) => startAndWait(name)));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    urls,
    stop,
    kill: (name) => find(name).kill(),
    pause: (name) => find(name).pause(),
    resume: async (name) => {
      find(name).resume();
      await find(name).untilReady({ probe: probes.get(name), deadlineMs, signal });
    },
    restart: async (name) => {
      await find(name).stop(name === 'nats' ? brokerStopMs : stopDeadlineMs);
      await startAndWait(name);
    },
    logs: (name) => find(name).lines.join('\n'),
    pids: () => Object.fromEntries([...processes].flatMap(([name, { pid }]) => (pid ? [[name, pid]] : []))),
  };
}

function instancesOf(service, count) {
  return Array.from({ length: count }, (_, index) => ({
    service,
    name: index === 0 ? service : `${service}-${index + 1}`,
  }));
}

async function assignFreePorts(names) {
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, free[index]]));
}

function pick(ports, names) {
  return Object.fromEntries(names.map((name) => [name, ports[name]]));
}

function checkBuilt(service, main) {
  if (existsSync(main)) return;
  throw new ToolError('BUILD_FAILED', `The ${service} service has no ${main}: build it with "npm run build".`);
}

async function answersReady(url) {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false; // not listening yet, or not answering: both are "not ready"
  }
}
