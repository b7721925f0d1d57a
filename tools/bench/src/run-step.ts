import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, type SessionBus } from '@parley/bus';
import { readSessionLog } from '@parley/chaos/measuring';
import type { ParleyEvent } from '@parley/contracts';
import { BenchError } from './bench-error.js';
import type { LoadMessage, LoadPlan, LoadReport } from './load/load-report.js';
import { stepReport } from './measured-step.js';
import { readProcesses } from './process-usage.js';
import { PROFILES, type Profile } from './profiles.js';
import type { Step, StepReport } from './step-report.js';
import { growthText, readSystem, type BenchSystem, type SystemReading } from './system-reading.js';

/** Starts a system: the part of `startSystem`'s options that is used. */
export type StartBenchSystem = (options: {
  quiet: boolean;
  env: Record<string, string>;
  monitorsBroker: boolean;
  say?: (line: string) => void;
}) => Promise<BenchSystem>;

const SETTLE_MS = 3000;
/** What a turn's times follow from. */
const TURN_KINDS = ['transcript', 'reply', 'speech', 'playout'] as const;
const LOGS_AT_ONCE = 8;
const MAX_SESSIONS = 4000;
const WATCH_MS = 30_000;
const LOAD_PRIORITY = -10;

/** Holds so many calls on a system of its own, and measures what that costs. */
export async function runStep(
  step: Step,
  startSystem: StartBenchSystem,
  say: (line: string) => void = () => undefined,
): Promise<StepReport> {
  const profile = PROFILES[step.profile] as Profile;
  const env = {
    ...profile.env,
    AGENT_MODULES: './tools/bench/dist/bench-agent.js',
    DEFAULT_AGENT: 'bench',
    CAPACITY: String(MAX_SESSIONS),
    GATEWAY_MAX_SESSIONS: String(MAX_SESSIONS),
    FOLD_CHECK_MS: '0',
  };
  const system = await startSystem({ quiet: true, env, monitorsBroker: true });
  try {
    await sleep(SETTLE_MS);
    const idle = readProcesses(system.pids());
    const { report, before, after } = await holdCalls(step, system, say);
    const bus = await connectBus({ url: system.urls['nats'] as string, stage: 'control' });
    try {
      const logs = await readLogs(bus, report);
      return stepReport(step, profile, { idle, before, after, report, logs });
    } finally {
      await bus.close();
    }
  } finally {
    await system.stop();
  }
}

async function holdCalls(step: Step, system: BenchSystem, say: (line: string) => void) {
  const plan: LoadPlan = {
    urls: Object.entries(system.urls).filter(([name]) => name.startsWith('gateway')).map(([, url]) => url.replace('http', 'ws')), // prettier-ignore
    calls: step.calls,
    frameMs: step.frameMs,
    agent: 'bench',
    warmUpMs: step.warmUpSeconds * 1000,
    measuredMs: step.seconds * 1000,
    interruptEvery: step.interruptEvery,
    openingMs: step.openingMs,
  };
  const child = fork(new URL('./load/load-process.js', import.meta.url), { execArgv: [] });
  putAhead(child.pid as number);
  const read = () => readSystem(system, child.pid as number);
  // A long step is looked at on its way: what grows is a leak.
  const watch = setInterval(() => say(growthText(system)), WATCH_MS);
  try {
    return await new Promise<{ report: LoadReport; before: SystemReading; after: SystemReading }>((resolve, reject) => {
      const readings: Partial<Record<'begins' | 'ends', Promise<SystemReading>>> = {};
      child.on('message', (message: LoadMessage) => {
        if (message.type !== 'report') {
          readings[message.type] = read();
          readings[message.type]?.catch(reject);
          return;
        }
        Promise.all([readings.begins, readings.ends]).then(
          ([before, after]) => before && after && resolve({ report: message.report, before, after }),
          reject,
        );
      });
      child.once(
        'exit',
        (code) => code !== 0 && reject(new BenchError('load_failed', `the callers' process ended with ${code}`)),
      );
      child.send(plan);
    });
  } finally {
    clearInterval(watch);
    child.kill('SIGKILL');
  }
}

/** Callers have machines of their own: where it is allowed, theirs is not one that waits for the system under test. */
function putAhead(pid: number): void {
  try {
    setPriority(pid, LOAD_PRIORITY);
  } catch {
    // Not allowed: the schedule tells whether that matters.
  }
}

/** What every call's log holds of its turns. */
async function readLogs(bus: SessionBus, { calls }: LoadReport): Promise<Map<string, ParleyEvent[]>> {
  const logs = new Map<string, ParleyEvent[]>();
  const left = calls.filter(({ sessionId }) => sessionId !== '');
  const readOn = async (): Promise<void> => {
    for (let call = left.pop(); call; call = left.pop()) {
      const { sessionId } = call;
      logs.set(sessionId, await readSessionLog(bus, sessionId, TURN_KINDS));
    }
  };
  await Promise.all(Array.from({ length: LOGS_AT_ONCE }, readOn));
  return logs;
}
