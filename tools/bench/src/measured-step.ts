import type { ParleyEvent } from '@parley/contracts';
import { trafficBetween } from './broker-traffic.js';
import type { LoadReport } from './load/load-report.js';
import type { ProcessReading } from './process-usage.js';
import type { Profile } from './profiles.js';
import { lossesBetween } from './service-metrics.js';
import { percentilesOf, rounded } from './statistics.js';
import type { ProcessCost, Step, StepReport } from './step-report.js';
import type { SystemReading } from './system-reading.js';
import { interruptionsOf, turnTimesOf, type TurnTimes } from './turn-times.js';

/** Half a frame: callers whose frames leave later than that are no real-time callers. */
const MOST_LATE_MS = 10;
const HELD_P99_MS = 100;

/** What was measured in one step. */
export interface Measured {
  /** Before the first call. */
  idle: Record<string, ProcessReading>;
  before: SystemReading;
  after: SystemReading;
  report: LoadReport;
  /** By session: what its log holds of its turns. */
  logs: Map<string, ParleyEvent[]>;
}

/** Makes the report of a step. */
export function stepReport(
  step: Step,
  { stubs }: Profile,
  { idle, before, after, report, logs }: Measured,
): StepReport {
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
        idlePssMiB: rounded(idle[name]?.pssMiB ?? 0, 1),
        rssMiB: rounded(rssMiB, 1),
        handles,
        ...(after.services[name] && { loopDelayMs: after.services[name].loopDelayMs }),
      },
    ]),
  );
  const sum = (field: 'cpuPercent' | 'idleRssMiB' | 'idlePssMiB' | 'rssMiB') =>
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
      idlePssMiB: sum('idlePssMiB'),
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

function lossesOf(before: SystemReading, after: SystemReading): StepReport['losses'] {
  const all = Object.entries(after.services).map(([name, reading]) => {
    const earlier = before.services[name];
    return [name, earlier ? lossesBetween(earlier, reading) : reading.losses] as const;
  });
  return Object.fromEntries(all.filter(([, losses]) => Object.keys(losses).length > 0));
}
