import type { BenchReport, MedianStep } from './report.js';
import type { Percentiles } from './statistics.js';

/** A column of the table. */
type Column = readonly [head: string, cell: (step: MedianStep) => string];

const both = (of: Percentiles | undefined) => (of ? `${of.p50.toFixed(1)} / ${of.p99.toFixed(1)}` : '-');

const COLUMNS: readonly Column[] = [
  ['calls', ({ calls }) => String(calls)],
  ['frames ms', ({ frameMs }) => String(frameMs)],
  ['held', ({ isHeld, isOnSchedule }) => (!isOnSchedule ? 'no schedule' : isHeld ? 'yes' : 'no')],
  ['added p50 / p99 ms', ({ added }) => both(added)],
  ['plumbing p50 / p99 ms', ({ plumbing }) => both(plumbing)],
  ['first audio p50 ms', ({ firstAudio }) => firstAudio?.p50.toFixed(0) ?? '-'],
  ['interruption p50 / p99 ms', ({ interruption }) => both(interruption.fromSound)],
  ['late frames', ({ frames }) => `${frames.late} of ${frames.received}`],
  ['CPU % of a core per call', ({ system }) => system.cpuPercentPerCall.toFixed(2)],
  ['MiB per call', ({ system }) => system.rssMiBPerCall.toFixed(2)],
  ['gateway / stt / agent / tts / broker CPU %', (step) => ['gateway', 'stt', 'agent', 'tts', 'nats'].map((name) => Math.round(step.processes[name]?.cpuPercent ?? 0)).join(' / ')], // prettier-ignore
  ['load CPU %', ({ load }) => load.cpuPercent.toFixed(0)],
  ['machine %', ({ machineBusyPercent }) => machineBusyPercent.toFixed(0)],
];

/** The table and what it was made on, as Markdown. */
export function reportMarkdown({ atIso, machine, steps }: BenchReport): string {
  const { processor, cores, memoryGiB, node } = machine;
  const conditions = [...new Set(steps.map(({ profile, seconds, repeats }) => `profile ${profile}, ${seconds} s a step, ${repeats} of each`))]; // prettier-ignore
  return [
    `${atIso.slice(0, 10)}, ${processor}, ${cores} cores, ${memoryGiB} GiB, Node.js ${node}; ${conditions.join('; ')}; fixed work ${[...new Set(steps.map(({ fixedWorkMs }) => fixedWorkMs))].join(', ')} ms.`,
    '',
    row(COLUMNS.map(([head]) => head)),
    row(COLUMNS.map(() => '---')),
    ...steps.map((step) => row(COLUMNS.map(([, cell]) => cell(step)))),
    '',
  ].join('\n');
}

/** What one step came to, in a line or two. */
export function stepText(step: MedianStep): string {
  if (!step.isOnSchedule) {
    const p99 = step.load.latenessMs?.p99 ?? 'unknown';
    return `${step.calls} calls: the callers could not keep their own time (their frames left ${p99} ms late, p99): nothing is said of the system`;
  }
  const { hops, system, failures, unanswered, losses, addedP99, repeats } = step;
  const lines = [
    `${step.calls} calls, ${step.frameMs} ms frames, ${step.turns} turns: ${step.isHeld ? 'held' : 'NOT HELD'}`,
    `  added ${all(step.added)}, plumbing ${all(step.plumbing)}${repeats > 1 ? `, added p99 of ${repeats}: ${addedP99.min} to ${addedP99.max}` : ''}`,
    `  hearing ${all(hops.hearing)}, to agent ${all(hops.toAgent)}, agent ${all(hops.agent)}, to gateway ${all(hops.toGateway)}, to client ${all(hops.toClient)}`,
    `  interruptions: ${step.interruption.count}, unheeded ${step.interruption.unheeded}, from the first sound ${all(step.interruption.fromSound)}, from speech.started ${all(step.interruption.fromSpeechStarted)}`,
    `  late frames ${step.frames.late} of ${step.frames.received}, jitter ${all(step.frames.jitterMs)}`,
    `  CPU ${system.cpuPercent} % of a core, ${system.cpuPercentPerCall} % per call; memory ${system.idleRssMiB} MiB idle (${system.idlePssMiB} with what is shared counted once), ${system.rssMiB} MiB with calls, ${system.rssMiBPerCall} MiB per call`,
    `  ${Object.entries(step.processes).map(([name, { cpuPercent, rssMiB, loopDelayMs }]) => `${name} ${cpuPercent} % ${rssMiB} MiB${loopDelayMs ? ` loop p99 ${loopDelayMs.p99.toFixed(0)} ms` : ''}`).join(', ')}`, // prettier-ignore
    `  broker ${step.broker.inPerSecond} in, ${step.broker.outPerSecond} out a second; load ${step.load.cpuPercent} % of a core, late ${all(step.load.latenessMs)}; machine ${step.machineBusyPercent} %`,
  ];
  if (failures.length + unanswered > 0) lines.push(`  unanswered turns ${unanswered}, failed calls: ${failures.join('; ') || 'none'}`); // prettier-ignore
  if (Object.keys(losses).length > 0) lines.push(`  losses ${JSON.stringify(losses)}`);
  return lines.join('\n');
}

/** The ratios of the second report to the first, for the steps that both have. */
export function compareText(before: BenchReport, after: BenchReport): string {
  const rows = after.steps.flatMap((step) => {
    const same = before.steps.find((other) => other.calls === step.calls && other.frameMs === step.frameMs && other.profile === step.profile); // prettier-ignore
    if (!same) return [];
    const ratio = (of: (each: MedianStep) => number | undefined) => {
      const [a, b] = [of(same), of(step)];
      return a && b !== undefined ? (b / a).toFixed(2) : '-';
    };
    return [
      row([
        String(step.calls),
        String(step.frameMs),
        ratio(({ added }) => added?.p50),
        ratio(({ added }) => added?.p99),
        ratio(({ plumbing }) => plumbing?.p50),
        ratio(({ plumbing }) => plumbing?.p99),
        ratio(({ system }) => system.cpuPercentPerCall),
        ratio(({ system, fixedWorkMs }) => system.cpuPercentPerCall / fixedWorkMs),
        ratio(({ system }) => system.rssMiB),
      ]),
    ];
  });
  const head = ['calls', 'frames ms', 'added p50', 'added p99', 'plumbing p50', 'plumbing p99', 'CPU per call', 'CPU per call, by fixed work', 'memory']; // prettier-ignore
  return [row(head), row(head.map(() => '---')), ...rows, ''].join('\n');
}

function all(of: Percentiles | undefined): string {
  return of ? `${of.p50} / ${of.p95} / ${of.p99} / ${of.p999}` : '-';
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
