import { fork } from 'node:child_process';
import { cpus, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, type SessionBus } from '@parley/bus';
import type { ParleyEvent } from '@parley/contracts';
import { BenchError } from './bench-error.js';
import { readBroker, trafficBetween, type BrokerReading } from './broker-traffic.js';
import type { LoadMessage, LoadPlan, LoadReport } from './load/load-report.js';
import { readProcess, readProcesses, type ProcessReading } from './process-usage.js';
import { PROFILES, type Profile } from './profiles.js';
import { lossesBetween, readService, type ServiceReading } from './service-metrics.js';
import { percentilesOf, rounded } from './statistics.js';
import type { ProcessCost, StepReport } from './step-report.js';
import { interruptionsOf, turnTimesOf, type TurnTimes } from './turn-times.js';

/** One step's settings. */
export interface Step {
  calls: number;
  frameMs: number;
  seconds: number;
  warmUpSeconds: number;
  interruptEvery: number;
  openingMs: number;
  profile: string;
}

/** A running system, as far as a step uses it. */
export interface BenchSystem {
  urls: Record<string, string>;
  pids(): Record<string, number>;
  stop(): Promise<void>;
}

/** Starts one: the part of `startSystem`'s options that is used. */
export type StartBenchSystem = (options: {
  quiet: boolean;
  env: Record<string, string>;
  monitorsBroker: boolean;
  say?: (line: string) => void;
}) => Promise<BenchSystem>;

/** Everything that is read at one moment. */
interface Reading {
  atMs: number;
  processes: Record<string, ProcessReading>;
  load: ProcessReading;
  broker: BrokerReading;
  services: Record<string, ServiceReading>;
  busy: { all: number; idle: number };
}

const SETTLE_MS = 3000;
/** Half a frame: callers whose frames leave later than that are no real-time callers. */
const MOST_LATE_MS = 10;
const HELD_P99_MS = 100;
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
  const read = () => readAll(system, child.pid as number);
  // A long step is looked at on its way: what grows is a leak.
  const watch = setInterval(() => say(growthText(system)), WATCH_MS);
  try {
    return await new Promise<{ report: LoadReport; before: Reading; after: Reading }>((resolve, reject) => {
      const readings: Partial<Record<'begins' | 'ends', Promise<Reading>>> = {};
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

/** Memory and handles of every process, in a line. */
function growthText(system: BenchSystem): string {
  const now = Object.entries(readProcesses(system.pids()));
  return now.map(([name, { rssMiB, handles }]) => `${name} ${Math.round(rssMiB)} MiB, ${handles} handles`).join('; ');
}

async function readAll(system: BenchSystem, loadPid: number): Promise<Reading> {
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

/** What every call's log holds of its turns. */
async function readLogs(bus: SessionBus, { calls }: LoadReport): Promise<Map<string, ParleyEvent[]>> {
  const logs = new Map<string, ParleyEvent[]>();
  const left = calls.filter(({ sessionId }) => sessionId !== '');
  const readOn = async (): Promise<void> => {
    for (let call = left.pop(); call; call = left.pop()) {
      const { sessionId } = call;
      const events: ParleyEvent[] = [];
      const feed = await bus.feed({ sessionId, kinds: ['transcript', 'reply', 'speech', 'playout'], onEvent: (event) => events.push(event) }); // prettier-ignore
      feed.close();
      logs.set(sessionId, events);
    }
  };
  await Promise.all(Array.from({ length: LOGS_AT_ONCE }, readOn));
  return logs;
}

interface Measured {
  idle: Record<string, ProcessReading>;
  before: Reading;
  after: Reading;
  report: LoadReport;
  logs: Map<string, ParleyEvent[]>;
}

function stepReport(step: Step, { stubs }: Profile, { idle, before, after, report, logs }: Measured): StepReport {
  const measured = [report.fromMs, report.toMs] as const;
  const logOf = (sessionId: string) => logs.get(sessionId) ?? [];
  const times = report.calls.flatMap((call) =>
    turnTimesOf(call, logOf(call.sessionId), { stubs, frameMs: step.frameMs }, measured),
  );
  const interruptions = report.calls.flatMap((call) => interruptionsOf(call, logOf(call.sessionId), measured));
  const silenced = interruptions.filter((each) => each !== undefined);
  const of = (field: keyof TurnTimes) => percentilesOf(times.map((each) => each[field]));
  const turns = report.calls.flatMap((call) => call.turns).filter(({ firstFrameMs }) => firstFrameMs >= report.fromMs);
  const elapsedMs = after.atMs - before.atMs;
  const percent = (from: number, to: number) => rounded(((to - from) / elapsedMs) * 100);
  const processes = Object.fromEntries(
    Object.entries(after.processes).map(([name, { cpuMs, rssMiB, handles }]): [string, ProcessCost] => [
      name,
      {
        cpuPercent: percent(before.processes[name]?.cpuMs ?? 0, cpuMs),
        idleRssMiB: rounded(idle[name]?.rssMiB ?? 0, 1),
        rssMiB: rounded(rssMiB, 1),
        handles,
        ...(after.services[name] && { loopDelayMs: after.services[name].loopDelayMs }),
      },
    ]),
  );
  const sum = (field: 'cpuPercent' | 'idleRssMiB' | 'rssMiB') =>
    rounded(Object.values(processes).reduce((total, process) => total + process[field], 0));
  const cpuPercentPerCall = sum('cpuPercent') / step.calls;
  const added = of('added');
  const lateness = percentilesOf(report.latenessMs);
  const failures = report.calls.flatMap(({ failure }) => failure ?? []);
  const unanswered = report.calls.reduce((total, call) => total + call.unanswered, 0);
  const late = turns.reduce((total, turn) => total + turn.lateFrames, 0);
  const isOnSchedule = lateness !== undefined && lateness.p99 <= MOST_LATE_MS;
  return {
    calls: step.calls,
    frameMs: step.frameMs,
    seconds: step.seconds,
    profile: step.profile,
    turns: times.length,
    added,
    plumbing: of('plumbing'),
    hops: {
      hearing: of('hearing'),
      toAgent: of('toAgent'),
      agent: of('agent'),
      toGateway: of('toGateway'),
      toClient: of('toClient'),
    },
    firstAudio: percentilesOf(times.map((each) => each.added + stubs.firstSentenceMs + stubs.firstAudioMs)),
    interruption: {
      count: interruptions.length,
      unheeded: interruptions.length - silenced.length,
      fromSound: percentilesOf(silenced.map(({ fromSound }) => fromSound)),
      fromSpeechStarted: percentilesOf(silenced.flatMap(({ fromSpeechStarted }) => fromSpeechStarted ?? [])),
    },
    frames: {
      received: turns.reduce((total, turn) => total + turn.frames, 0),
      late,
      jitterMs: percentilesOf(report.jitterMs),
    },
    processes,
    system: {
      cpuPercent: sum('cpuPercent'),
      cpuPercentPerCall: rounded(cpuPercentPerCall, 3),
      cpuSecondsPerCallMinute: rounded(cpuPercentPerCall * 0.6, 3),
      idleRssMiB: sum('idleRssMiB'),
      rssMiB: sum('rssMiB'),
      rssMiBPerCall: rounded((sum('rssMiB') - sum('idleRssMiB')) / step.calls),
    },
    broker: trafficBetween(before.broker, after.broker),
    load: {
      cpuPercent: percent(before.load.cpuMs, after.load.cpuMs),
      latenessMs: lateness,
      sentFrames: report.sentFrames,
      dueFrames: report.dueFrames,
    },
    openMs: percentilesOf(report.openMs),
    machineBusyPercent: rounded(
      (1 - (after.busy.idle - before.busy.idle) / (after.busy.all - before.busy.all)) * 100,
      1,
    ),
    losses: lossesOf(before, after),
    failures: failures.length > 10 ? [...failures.slice(0, 10), `and ${failures.length - 10} more`] : failures,
    unanswered,
    isOnSchedule,
    isHeld:
      isOnSchedule && failures.length + unanswered + late === 0 && added !== undefined && added.p99 <= HELD_P99_MS,
  };
}

function lossesOf(before: Reading, after: Reading): StepReport['losses'] {
  const all = Object.entries(after.services).map(([name, reading]) => {
    const earlier = before.services[name];
    return [name, earlier ? lossesBetween(earlier, reading) : reading.losses] as const;
  });
  return Object.fromEntries(all.filter(([, losses]) => Object.keys(losses).length > 0));
}

function machineTimes(): { all: number; idle: number } {
  const times = cpus().map(({ times: each }) => each);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return { all: sum(times.map((each) => sum(Object.values(each)))), idle: sum(times.map(({ idle }) => idle)) };
}
