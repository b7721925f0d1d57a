import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus } from '@parley/bus';
import { CallPool } from './call-pool.js';
import type { FinishedCall } from './call-record.js';
import { FaultInjector, type ChaosSystem } from './fault-injector.js';
import { MachineLoad } from './machine-load.js';
import { realMaterial, type RealMaterialOptions } from './materials/real-material.js';
import { scriptedMaterial } from './materials/scripted-material.js';
import { MetricsWatch } from './metrics-watch.js';
import type { ChaosOptions } from './options.js';
import { planFaults, planHash, planRolling, type PlannedFault } from './plan.js';
import { makeReport, summarize, type CallSummary, type ChaosReport } from './report.js';
import { dumpSession } from './session-dump.js';
import { readClosedLog } from './session-log.js';
import { readToolLedger } from './tool-ledger.js';
import { wallMs } from './wall-clock.js';

/** Starts a whole system: the part of `startSystem`'s options that the runner uses. */
export type StartChaosSystem = (options: {
  quiet: boolean;
  env: Record<string, string>;
  replicas: Partial<Record<'gateway' | 'stt' | 'agent' | 'tts', number>>;
  dataDir: string;
  startsBehind: boolean;
  stopDeadlineMs: number;
}) => Promise<ChaosSystem>;

/** How a run is watched. */
export interface RunOptions {
  /** Processes that start have a low priority until they are ready, as if each had a machine of its own to start on. */
  startsBehind?: boolean;
  /** What real engines need; without it calls are scripted. */
  real?: RealMaterialOptions;
  /** Told of progress. */
  say?(line: string): void;
}

/** How long a run goes on around its calls. */
const LEASE_MS = 1500;
/** How long a gateway may take to move its callers, as on a cluster: while it does they hear no gap. */
const DRAIN_MS = 15_000;
/** A session whose gateway died as its caller hung up is closed by its stages, when nobody has resumed it. */
const LOG_DEADLINE_MS = 40_000;
const READ_METRICS_MS = 2000;
/** Before and after each replica of a rolling restart. */
const ROLLING_PAUSE_MS = 5000;

/** The faults that a run of these options injects. */
export function planOf(options: ChaosOptions): PlannedFault[] {
  const { rolling, seed, durationMs, faultEveryMs, faults, stages, replicas } = options;
  if (rolling) return planRolling({ stages, replicas });
  return planFaults({ seed, durationMs, everyMs: faultEveryMs, faults, stages, replicas, leaseMs: LEASE_MS });
}

/**
 * Holds calls on a system of its own while the plan's faults are injected, and checks every one of them.
 */
export async function runChaos(
  options: ChaosOptions,
  startSystem: StartChaosSystem,
  { startsBehind = false, real, say = () => undefined }: RunOptions = {},
): Promise<ChaosReport> {
  const { replicas, seed, durationMs } = options;
  const plan = planOf(options);
  const material = options.engines === 'real' && real ? await realMaterial(real) : scriptedMaterial();
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-chaos-'));
  const toolLedger = join(dataDir, 'tools.jsonl');
  const all = { gateway: replicas, stt: replicas, agent: replicas, tts: replicas };
  const env = {
    ...material.env,
    DRAIN_TIMEOUT_MS: String(DRAIN_MS),
    LEASE_MS: String(LEASE_MS),
    CHAOS_TOOL_LEDGER: toolLedger,
  };
  const system = await startSystem({
    quiet: true,
    env,
    replicas: all,
    dataDir,
    startsBehind,
    stopDeadlineMs: DRAIN_MS + 5000,
  });
  const load = new MachineLoad();
  const lag = monitorEventLoopDelay({ resolution: 10 });
  // What would keep the process alive, also when the run breaks off.
  const endings: (() => unknown)[] = [() => load.stop(), () => lag.disable()];
  let isKept = options.keep;
  try {
    const bus = await connectBus({ url: system.urls['nats'] ?? '', stage: 'control' });
    endings.push(() => bus.close());
    const watch = new MetricsWatch(system);
    const metricsTimer = setInterval(() => void watch.read(), READ_METRICS_MS);
    endings.push(() => clearInterval(metricsTimer));
    const summaries: CallSummary[] = [];
    const later: FinishedCall[] = [];
    const judge = async (finished: FinishedCall) => {
      const { call, sessionId } = finished.record;
      const executions = readToolLedger(toolLedger).get(sessionId) ?? [];
      const verdict = await material.judge(finished, executions);
      summaries.push(summarize(finished, verdict, injector.injected, material.repliesTo));
      if (options.keep || verdict.findings.length > 0) dumpSession(dataDir, finished, injector.injected);
      for (const { invariant, message } of verdict.findings) say(`call ${call} ${sessionId}: ${invariant}: ${message}`);
    };
    const pool = new CallPool({
      calls: options.calls,
      seed,
      gateways: gatewaysOf(system, replicas),
      nowMs: wallMs,
      material,
      onFinished: async (record) => {
        const log = await readClosedLog(bus, record.sessionId, LOG_DEADLINE_MS);
        if (material.isJudgedLater) later.push({ record, log });
        else await judge({ record, log });
      },
    });
    const injector = new FaultInjector({
      system,
      brutal: options.brutal,
      replicas,
      nowMs: wallMs,
      callers: () => pool.callers,
      beforeHit: (instance) => (instance === 'nats' ? Promise.resolve() : watch.read(instance)),
    });
    endings.push(() => pool.stop());
    lag.enable();
    load.start();
    const startedMs = wallMs();
    const calls = pool.run();
    const injections: Promise<void>[] = [];
    if (options.rolling) await sleep(ROLLING_PAUSE_MS);
    for (const fault of plan) {
      await sleep(Math.max(0, startedMs + fault.atMs - wallMs()));
      say(
        `${(fault.atMs / 1000).toFixed(1)} s: fault ${fault.ordinal}: ${fault.kind} ${fault.target} ${fault.replica}`,
      );
      injections.push(injector.inject(fault));
      if (!options.rolling) continue;
      await Promise.all(injections);
      await sleep(ROLLING_PAUSE_MS);
    }
    if (!options.rolling) await sleep(Math.max(0, startedMs + durationMs - wallMs()));
    pool.stop();
    await Promise.all([calls, ...injections]);
    for (const finished of later) await judge(finished);
    await watch.read();
    const report = makeReport({
      seed,
      planHash: planHash(plan),
      plannedFaults: plan.length,
      options: { ...options },
      durationMs: wallMs() - startedMs,
      summaries,
      refused: pool.refused,
      faults: injector.injected,
      counters: watch.totals(),
      startsBehind,
      machineBusy: load.busy(),
      runnerLagMs: { p99: Math.round(lag.percentile(99) / 1e6), max: Math.round(lag.max / 1e6) },
      dataDir,
    });
    isKept = options.keep || !report.ok;
    if (isKept) return report;
    const { dataDir: _removed, ...rest } = report;
    return rest;
  } finally {
    try {
      for (const end of endings.reverse()) await end();
    } finally {
      await system.stop();
      await material.close();
      if (!isKept) rmSync(dataDir, { recursive: true, force: true });
    }
  }
}

function gatewaysOf({ urls }: ChaosSystem, replicas: number) {
  return Array.from({ length: replicas }, (_, index) => {
    const instance = index === 0 ? 'gateway' : `gateway-${index + 1}`;
    return { instance, url: urls[instance] ?? '' };
  });
}
