import { phaseAt, type FinishedCall } from './call-record.js';
import type { CallMaterial } from './call-material.js';
import type { CallVerdict } from './checks/check-call.js';
import type { Finding } from './checks/finding.js';
import type { InjectedFault } from './fault-injector.js';
import { percentiles, waitsOf, type CallWaits, type Percentiles, type WaitSample } from './gaps.js';
import { isHitBy, takeoversIn } from './ownership.js';

/** What is kept of a call once it was checked. */
export interface CallSummary {
  call: number;
  sessionId: string;
  turns: number;
  /** Of them, spoken over. */
  interrupted: number;
  notes: number;
  failure: { code: string; message: string } | undefined;
  verdict: CallVerdict;
  waits: CallWaits;
  takeovers: number;
  resumed: number;
  droppedFrames: number;
  /** Codes of errors that the caller was told. */
  errors: string[];
  /** What each fault that hit the call found it doing. */
  hits: { ordinal: number; phase: string }[];
}

/** Keeps of a call what the report needs, so that its voice can be forgotten. */
export function summarize(
  finished: FinishedCall,
  verdict: CallVerdict,
  faults: readonly InjectedFault[],
  answersTo?: CallMaterial['repliesTo'],
): CallSummary {
  const { record, log } = finished;
  return {
    call: record.call,
    sessionId: record.sessionId,
    turns: record.turns.length,
    interrupted: log.filter(({ type }) => type === 'reply.interrupted').length,
    notes: record.turns.filter(({ note }) => note !== undefined).length,
    failure: record.failure,
    verdict,
    waits: waitsOf(finished, faults, answersTo),
    takeovers: takeoversIn(log),
    resumed: log.filter(({ type }) => type === 'session.resumed').length,
    droppedFrames: record.droppedFrames,
    errors: record.told.flatMap(({ event }) => (event.type === 'error' ? [event.code] : [])),
    hits: faults.flatMap((fault) =>
      isHitBy(finished, fault) ? [{ ordinal: fault.ordinal, phase: phaseAt(record, fault.fromMs) ?? 'over' }] : [],
    ),
  };
}

/**
 * A runner that stood still for so long has had its callers fall silent in the middle of a word, as stt understands
 * it (`CALLER_STALL_MS`): what is found then is the runner's doing, or may be.
 */
const LONGEST_LAG_MS = 1000;

/** Whether the runner kept its own schedule, so that what it found is the system's. */
export function isOnTime({ runnerLagMs }: Pick<ChaosReport, 'runnerLagMs'>): boolean {
  return runnerLagMs.max < LONGEST_LAG_MS;
}

/** What a run came to. */
export interface ChaosReport {
  seed: number;
  planHash: string;
  plannedFaults: number;
  options: Record<string, unknown>;
  durationMs: number;
  ok: boolean;
  calls: {
    completed: number;
    failed: number;
    refused: Record<string, number>;
    turns: number;
    interrupted: number;
    notes: number;
  };
  faults: {
    injected: number;
    skipped: number;
    failed: { ordinal: number; instance: string; message: string }[];
    /** Injected ones by `kind target`. */
    byKind: Record<string, number>;
    /** Calls hit, by what they were doing: `kind phase`. */
    callsHitByPhase: Record<string, number>;
    list: InjectedFault[];
  };
  /** Findings by invariant; those that hold are not in it. */
  broken: Record<string, number>;
  findings: Finding[];
  failedCalls: { call: number; sessionId: string; code: string; message: string }[];
  takeovers: number;
  resumed: number;
  repeatedMs: number;
  heardMs: number;
  toolsRepeatedUnderKey: number;
  /** Tool calls that an owner died with and that were not made again. */
  toolsInDoubt: number;
  droppedFrames: number;
  /** Errors that callers were told, by code. */
  errorsTold: Record<string, number>;
  /** Dryness of callers' speakers within a reply, by the fault to blame (`none`: no fault hit the call). */
  dryMs: Record<string, Percentiles>;
  /** Wait for a reply's first voice, over the undisturbed median of its sort of turn, by the fault to blame. */
  extraAnswerMs: Record<string, Percentiles>;
  undisturbedAnswerMs: Percentiles;
  longestWaits: WaitSample[];
  counters: Record<string, number>;
  /** How late the runner's own timers were: above some 100 ms the machine is too slow to judge waits by. */
  runnerLagMs: { p99: number; max: number };
  /** Share of all processors' time in use, 0 to 1, of each second of the run: near 1 waits are the machine's. */
  machineBusy: { p50: number; p95: number };
  /** Processes that started had a low priority until they were ready. */
  startsBehind: boolean;
  /** Where the broker's data and the services' logs are, when kept. */
  dataDir?: string;
}

/** What a report is made of. */
export interface ReportInput {
  seed: number;
  planHash: string;
  plannedFaults: number;
  options: Record<string, unknown>;
  durationMs: number;
  summaries: readonly CallSummary[];
  refused: Record<string, number>;
  faults: readonly InjectedFault[];
  counters: Record<string, number>;
  /** How late the runner's own timers were: above some 100 ms the machine is too slow to judge waits by. */
  runnerLagMs: { p99: number; max: number };
  /** Share of all processors' time in use, 0 to 1, of each second of the run: near 1 waits are the machine's. */
  machineBusy: { p50: number; p95: number };
  /** Processes that started had a low priority until they were ready. */
  startsBehind: boolean;
  dataDir?: string;
}

/** Puts a run's report together. Pure. */
export function makeReport(input: ReportInput): ChaosReport {
  const { summaries, faults } = input;
  const injected = faults.filter(({ skipped }) => skipped === undefined);
  const findings = summaries.flatMap(({ verdict }) => verdict.findings);
  const failed = summaries.filter(({ failure }) => failure !== undefined);
  const failures = injected.flatMap(({ ordinal, instance, failure }) =>
    failure === undefined ? [] : [{ ordinal, instance, message: failure }],
  );
  const answers = summaries.flatMap(({ waits }) => waits.answers);
  const dry = summaries.flatMap(({ waits }) => waits.dry);
  const isUndisturbed = ({ fault }: WaitSample) => !fault;
  const undisturbed = percentiles(answers.filter(isUndisturbed).map(({ ms }) => ms));
  const usualMs = Object.fromEntries(
    [...new Set(answers.map(({ sort }) => sort))].map((sort) => {
      const same = answers.filter((answer) => answer.sort === sort);
      const sound = same.filter(isUndisturbed);
      return [sort, percentiles((sound.length > 0 ? sound : same).map(({ ms }) => ms)).p50];
    }),
  );
  const extra = answers.map((answer) => ({ ...answer, ms: Math.max(0, answer.ms - (usualMs[answer.sort] ?? 0)) }));
  const kindOf = new Map(faults.map(({ ordinal, kind }) => [ordinal, kind]));
  return {
    seed: input.seed,
    planHash: input.planHash,
    plannedFaults: input.plannedFaults,
    options: input.options,
    durationMs: Math.round(input.durationMs),
    ok: findings.length === 0 && failures.length === 0 && summaries.length > 0,
    calls: {
      completed: summaries.length - failed.length,
      failed: failed.length,
      refused: input.refused,
      turns: sum(summaries, ({ turns }) => turns),
      interrupted: sum(summaries, ({ interrupted }) => interrupted),
      notes: sum(summaries, ({ notes }) => notes),
    },
    faults: {
      injected: injected.length,
      skipped: faults.length - injected.length,
      failed: failures,
      byKind: countBy(injected, ({ kind, target }) => `${kind} ${target}`),
      callsHitByPhase: countBy(
        summaries.flatMap(({ hits }) => hits),
        ({ ordinal, phase }) => `${kindOf.get(ordinal)} ${phase}`,
      ),
      list: [...faults],
    },
    broken: countBy(findings, ({ invariant }) => invariant),
    findings,
    failedCalls: failed.map(({ call, sessionId, failure }) => ({ call, sessionId, code: '', message: '', ...failure })),
    takeovers: sum(summaries, ({ takeovers }) => takeovers),
    resumed: sum(summaries, ({ resumed }) => resumed),
    repeatedMs: sum(summaries, ({ verdict }) => verdict.repeatedMs),
    heardMs: sum(summaries, ({ verdict }) => verdict.heardMs),
    toolsRepeatedUnderKey: sum(summaries, ({ verdict }) => verdict.toolsRepeatedUnderKey),
    toolsInDoubt: sum(summaries, ({ verdict }) => verdict.toolsInDoubt),
    droppedFrames: sum(summaries, ({ droppedFrames }) => droppedFrames),
    errorsTold: countBy(
      summaries.flatMap(({ errors }) => errors),
      (code) => code,
    ),
    dryMs: byFault(dry),
    extraAnswerMs: byFault(extra),
    undisturbedAnswerMs: undisturbed,
    longestWaits: [...dry, ...extra].sort((a, b) => b.ms - a.ms).slice(0, 10),
    counters: input.counters,
    runnerLagMs: input.runnerLagMs,
    machineBusy: input.machineBusy,
    startsBehind: input.startsBehind,
    ...(input.dataDir !== undefined && { dataDir: input.dataDir }),
  };
}

function byFault(samples: readonly WaitSample[]): Record<string, Percentiles> {
  const groups = new Map<string, number[]>();
  for (const { ms, fault } of samples) {
    const key = fault ? `${fault.kind} ${fault.target}` : 'none';
    groups.set(key, [...(groups.get(key) ?? []), ms]);
  }
  const all = samples.filter(({ fault }) => fault).map(({ ms }) => ms);
  if (all.length > 0) groups.set('all faults', all);
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([key, ms]) => [key, percentiles(ms)]),
  );
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)));
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
