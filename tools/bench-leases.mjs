// What leases cost: one worker process holds N sessions of a stage and renews them, with nothing else going on.
//   npm run bench:leases -- [--sessions 1000] [--seconds 20] [--lease-ms 1500]
// Prints the CPU of nats-server and of the worker, in percent of one core, without and with the sessions held.
import { fork } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    'lease-ms': { type: 'string', default: '1500' },
    // Given to the worker by this script itself.
    worker: { type: 'string' },
  },
});
const [sessions, seconds, leaseMs] = [values.sessions, values.seconds, values['lease-ms']].map(Number);
/** Linux counts CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;
const OFFERS_AT_ONCE = 32;
const TAKE_TIMEOUT_MS = 60_000;

if (values.worker) await work(values.worker);
else await measure();

/** The worker process: takes every session it is offered and says how many it has. */
async function work(url) {
  const { connectBus } = await import('@parley/bus');
  const bus = await connectBus({ url, stage: 'agent' });
  let [taken, lost] = [0, 0];
  await bus.claims('agent', {
    free: () => sessions,
    onClaim: () => taken++,
    onLost: () => lost++,
  });
  process.send({ ready: true });
  setInterval(() => process.send({ taken, lost }), 200);
  process.on('disconnect', () => process.exit(0));
}

async function measure() {
  const [{ startBroker }, { DEFAULT_STREAM_SETTINGS, connectBus }, { newSessionId }] = await Promise.all(
    ['@parley/testing', '@parley/bus', '@parley/contracts'].map((name) => import(name)),
  );
  const broker = await startBroker({ how: 'program' });
  const gateway = await connectBus({
    url: broker.url,
    stage: 'gateway',
    provision: { settings: { ...DEFAULT_STREAM_SETTINGS, leaseMs } },
  });
  const worker = fork(import.meta.filename, ['--worker', broker.url, '--sessions', String(sessions)]);
  try {
    const state = { ready: false, taken: 0, lost: 0 };
    worker.on('message', (message) => Object.assign(state, message));
    await until(() => state.ready, 'worker');
    const server = serverPid();
    const idle = await share({ server, worker: worker.pid });
    const ids = Array.from({ length: sessions }, () => newSessionId());
    await Promise.all(
      Array.from({ length: OFFERS_AT_ONCE }, async () => {
        for (let id = ids.pop(); id; id = ids.pop()) await gateway.offer('agent', id);
      }),
    );
    await until(() => state.taken === sessions, `${sessions} sessions`);
    await sleep(leaseMs);
    const held = await share({ server, worker: worker.pid });
    console.log(`${sessions} sessions, lease ${leaseMs} ms, ${seconds} s each, ${state.lost} leases lost`);
    console.table({
      'nats-server': { 'idle, % of a core': idle.server, 'holding, % of a core': held.server },
      worker: { 'idle, % of a core': idle.worker, 'holding, % of a core': held.worker },
    });
  } finally {
    worker.disconnect();
    await gateway.close();
    await broker.stop();
  }
}

/** CPU of processes over the time of the measurement, in percent of one core. */
async function share(pids) {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSeconds(pid), performance.now()]);
  await sleep(seconds * 1000);
  return Object.fromEntries(
    before.map(([name, pid, cpu, at]) => {
      const elapsed = (performance.now() - at) / 1000;
      return [name, Number((((cpuSeconds(pid) - cpu) / elapsed) * 100).toFixed(2))];
    }),
  );
}

function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may contain spaces; user and system time are the 12th and 13th fields behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The broker that this process started. */
function serverPid() {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const [name, parent] = readProcess(pid);
    if (name === 'nats-server' && parent === process.pid) return Number(pid);
  }
  throw new Error('the broker that was started is not among the processes');
}

function readProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    return [stat.slice(stat.indexOf('(') + 1, end), Number(stat.slice(end + 2).split(' ')[1])];
  } catch {
    // It ended while it was looked at.
    return ['', 0];
  }
}

async function until(condition, what) {
  const end = performance.now() + TAKE_TIMEOUT_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`no ${what} within ${TAKE_TIMEOUT_MS} ms`);
    await sleep(50);
  }
}
