import type { Percentiles } from './gaps.js';
import { isOnTime, type ChaosReport } from './report.js';

const MOST_FINDINGS = 60;

/** The report as text for a terminal. */
export function reportText(report: ChaosReport): string {
  const { calls, faults } = report;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return [
    `Chaos: seed ${report.seed}, plan ${report.planHash}, ${seconds(report.durationMs)}`,
    '',
    section('Calls', {
      completed: calls.completed,
      failed: calls.failed,
      ...prefixed('refused ', calls.refused),
      'turns said': calls.turns,
      'replies interrupted': calls.interrupted,
      'notes taken': calls.notes,
      'voice heard': seconds(report.heardMs),
    }),
    section('Faults', { injected: faults.injected, skipped: faults.skipped, ...faults.byKind }),
    section('Calls hit, by what they were doing', faults.callsHitByPhase),
    section('What became of it', {
      "machine's processors in use, p50 and p95": `${percent(report.machineBusy.p50)} and ${percent(report.machineBusy.p95)}`,
      'processes that start go last': report.startsBehind ? 'yes' : 'no',
      "runner's own lag, p99 and most": `${report.runnerLagMs.p99} and ${report.runnerLagMs.max} ms`,
      takeovers: report.takeovers,
      'sessions resumed': report.resumed,
      'voice heard twice': seconds(report.repeatedMs),
      'tools repeated under their key': report.toolsRepeatedUnderKey,
      'tools in doubt, and the model told': report.toolsInDoubt,
      "frames of callers' voice dropped": report.droppedFrames,
      ...prefixed('told error ', report.errorsTold),
      ...Object.fromEntries(Object.entries(report.counters).filter(([, value]) => value > 0)),
    }),
    waits('Dry while a reply was heard (ms), by the fault to blame', report.dryMs),
    waits(
      `Extra wait for a reply (ms) over what such turns take undisturbed (${report.undisturbedAnswerMs.p50} on median)`,
      report.extraAnswerMs,
    ),
    ...faults.failed.map(
      ({ ordinal, instance, message }) => `fault ${ordinal}: ${instance} did not come back: ${message}`,
    ),
    section('Invariants broken', report.broken),
    ...report.findings
      .slice(0, MOST_FINDINGS)
      .map(({ invariant, call, sessionId, message }) => `  ${invariant}  call ${call}  ${sessionId}\n      ${message}`),
    ...(report.findings.length > MOST_FINDINGS ? [`  and ${report.findings.length - MOST_FINDINGS} more`] : []),
    ...(report.dataDir === undefined ? [] : [`Kept: ${report.dataDir}`]),
    verdict(report),
  ].join('\n');
}

function verdict(report: ChaosReport): string {
  if (report.ok) return 'OK: every invariant held.';
  if (isOnTime(report)) return 'FAILED.';
  return `NOT JUDGED: the runner itself stood still for ${report.runnerLagMs.max} ms, so callers fell silent within words. Run it where it has the processors to itself.`;
}

function section(title: string, values: Record<string, string | number>): string {
  const entries = Object.entries(values);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  const lines = entries.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return [title, ...(lines.length > 0 ? lines : ['  none']), ''].join('\n');
}

function waits(title: string, groups: Record<string, Percentiles>): string {
  const row = (cells: (string | number)[]) => `  ${String(cells[0]).padEnd(16)}${cells.slice(1).map((cell) => String(cell).padStart(8)).join('')}`; // prettier-ignore
  const rows = Object.entries(groups).map(([name, { count, p50, p95, p99, max }]) =>
    row([name, count, p50, p95, p99, max]),
  );
  return [title, row(['', 'count', 'p50', 'p95', 'p99', 'max']), ...rows, ''].join('\n');
}

function prefixed(prefix: string, values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
