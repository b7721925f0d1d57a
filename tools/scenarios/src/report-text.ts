import type { ScenarioResult } from './run-scenario.js';
import type { ScenariosReport } from './run-scenarios.js';

const WIDTH = 44;

/** What is said of a scenario as soon as it is over. */
export function resultLines({ scenario, durationMs, sessionId, failure }: ScenarioResult): string[] {
  const line = `${failure ? 'FAILED' : 'ok    '} ${scenario.id.padEnd(WIDTH)} ${seconds(durationMs)}  ${scenario.name}`;
  if (!failure) return [line];
  const { step, reason, timeline } = failure;
  const where = step === undefined ? 'afterwards' : `step ${step + 1}, line ${scenario.lines[step]}`;
  const wanted = step === undefined ? '' : ` ${JSON.stringify(scenario.steps[step])}`;
  return [
    line,
    `       ${where}:${wanted}`,
    `       ${reason}`,
    `       session ${sessionId}, seconds since it began:`,
    ...timeline.map((entry) => `       ${entry}`),
  ];
}

/** What is said when all is over: a line for each folder, what was skipped and what failed, and the sum as the last line. */
export function reportText({ results, skipped, durationMs, kept }: ScenariosReport): string {
  const folders = [...new Set([...results.map(({ scenario }) => scenario.id), ...skipped.map(({ id }) => id)].map(folderOf))].sort(); // prettier-ignore
  const rows = folders.map((folder) => {
    const own = results.filter(({ scenario }) => folderOf(scenario.id) === folder);
    const count = countOf(own, skipped.filter(({ id }) => folderOf(id) === folder).length);
    const longest = Math.max(0, ...own.map((result) => result.durationMs));
    return `${folder.padEnd(20)} ${cell(count.passed)} ${cell(count.failed)} ${cell(count.skipped)} ${seconds(longest)}`;
  });
  const failed = results.filter(({ failure }) => failure).map(({ scenario }) => `failed: ${scenario.id}: ${scenario.name}`); // prettier-ignore
  return [
    '',
    ...skipped.map(({ id, needs }) => `skipped ${id.padEnd(WIDTH)} needs ${needs ?? ''}`),
    '',
    `${'scenarios'.padEnd(20)}  passed  failed skipped  longest`,
    ...rows,
    '',
    ...failed,
    ...kept.map((folder) => `The services' logs are in ${folder}/logs.`),
    `${results.length} scenarios in ${seconds(durationMs).trim()}`,
    totalLine(totalOf({ results, skipped })),
  ].join('\n');
}

/** How many scenarios came out how. */
export interface ScenarioCount {
  passed: number;
  failed: number;
  skipped: number;
}

/** The sum over all folders. */
export function totalOf({ results, skipped }: Pick<ScenariosReport, 'results' | 'skipped'>): ScenarioCount {
  return countOf(results, skipped.length);
}

/** `12 passed, 0 failed`, and how many were skipped if any. */
export function totalLine({ passed, failed, skipped }: ScenarioCount): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function countOf(results: readonly ScenarioResult[], skipped: number): ScenarioCount {
  const failed = results.filter(({ failure }) => failure).length;
  return { passed: results.length - failed, failed, skipped };
}

function folderOf(id: string): string {
  return id.includes('/') ? id.slice(0, id.lastIndexOf('/')) : '.';
}

function cell(count: number): string {
  return String(count).padStart(7);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(5)} s`;
}
