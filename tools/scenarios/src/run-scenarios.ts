import type { ScenariosOptions } from './options.js';
import { expectedMs } from './expected-length.js';
import { runScenario, type ScenarioResult, type Stage } from './run-scenario.js';
import { resultLines } from './report-text.js';
import { ScenarioSystem, type Surroundings } from './scenario-system.js';
import type { Scenario } from './scenario.js';

/** What came of a run. */
export interface ScenariosReport {
  results: readonly ScenarioResult[];
  /** Those that need what is not there yet. */
  skipped: readonly Scenario[];
  durationMs: number;
  /** Where the services' logs are, of systems on which a scenario failed. */
  kept: readonly string[];
}

/** A recogniser takes a third of a core for each caller who speaks. */
const MOST_REAL_AT_ONCE = 2;

/**
 * Holds scenarios, several at a time, on one system for each kind of engines.
 * @param say told of each that is over
 */
export async function runScenarios(
  scenarios: readonly Scenario[],
  options: Pick<ScenariosOptions, 'atOnce' | 'withNeeds' | 'keep'>,
  surroundings: Surroundings,
  say: (line: string) => void,
): Promise<ScenariosReport> {
  const startedMs = performance.now();
  const skipped = scenarios.filter(({ needs }) => needs !== undefined && !options.withNeeds);
  const results: ScenarioResult[] = [];
  const kept: string[] = [];
  const runOn = async (engines: Scenario['engines'], atOnce: number) => {
    const wanted = scenarios.filter((scenario) => scenario.engines === engines && !skipped.includes(scenario));
    if (wanted.length === 0) return;
    const system = await ScenarioSystem.start(engines, wanted, surroundings);
    let isKept = true;
    try {
      const came = await runAll(wanted, atOnce, system.stage, (result) => resultLines(result).forEach(say));
      results.push(...came);
      isKept = options.keep || came.some(({ failure }) => failure);
    } finally {
      const dataDir = await system.stop(isKept);
      if (isKept) kept.push(dataDir);
    }
  };
  await Promise.all([runOn('scripted', options.atOnce), runOn('real', Math.min(options.atOnce, MOST_REAL_AT_ONCE))]);
  return { results, skipped, durationMs: performance.now() - startedMs, kept };
}

async function runAll(
  scenarios: readonly Scenario[],
  atOnce: number,
  stage: Stage,
  onResult: (result: ScenarioResult) => void,
): Promise<ScenarioResult[]> {
  // The longest at the end would be waited for alone.
  const waiting = [...scenarios].sort((a, b) => expectedMs(b) - expectedMs(a));
  const results: ScenarioResult[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const result = await runScenario(next, stage);
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
