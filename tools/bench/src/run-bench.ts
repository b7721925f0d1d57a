import { describeMachine, fixedWorkMs } from './machine.js';
import type { BenchOptions } from './options.js';
import { medianStep, type BenchReport } from './report.js';
import { stepText } from './report-text.js';
import { runStep, type StartBenchSystem } from './run-step.js';
import type { StepReport } from './step-report.js';

const OPENING_MS_PER_CALL = 20;
/** After so many turns Node.js has compiled what a turn runs: with fewer calls that takes longer. */
const WARM_TURNS = 300;
const TURN_SECONDS = 6;
const WARM_UP_SECONDS = { least: 8, most: 60 };

/** Makes the steps one after the other, each on a system of its own. */
export async function runBench(
  options: BenchOptions,
  startSystem: StartBenchSystem,
  say: (line: string) => void,
): Promise<BenchReport> {
  const { frameMs, seconds, interruptEvery, profile, repeats, openingSeconds } = options;
  const report: BenchReport = { atIso: new Date().toISOString(), machine: describeMachine(), steps: [] };
  for (const calls of options.calls) {
    const openingMs =
      openingSeconds === undefined ? Math.max(1000, calls * OPENING_MS_PER_CALL) : openingSeconds * 1000;
    const warmUpSeconds = options.warmUpSeconds ?? warmUpOf(calls);
    const step = { calls, frameMs, seconds, warmUpSeconds, interruptEvery, profile, openingMs };
    const repetitions: StepReport[] = [];
    const fixedWork: number[] = [];
    for (let n = 0; n < repeats; n++) {
      fixedWork.push(fixedWorkMs());
      repetitions.push(await runStep(step, startSystem, say));
    }
    const median = medianStep(repetitions, fixedWork);
    report.steps.push(median);
    say(stepText(median));
    if (!options.isNamed && !median.isHeld) break;
  }
  return report;
}

function warmUpOf(calls: number): number {
  const { least, most } = WARM_UP_SECONDS;
  return Math.round(Math.min(most, Math.max(least, (WARM_TURNS * TURN_SECONDS) / calls)));
}
