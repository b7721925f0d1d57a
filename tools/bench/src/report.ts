import type { Machine } from './machine.js';
import { medianOf } from './statistics.js';
import type { StepReport } from './step-report.js';

/** A whole run. */
export interface BenchReport {
  atIso: string;
  machine: Machine;
  steps: MedianStep[];
}

/** A step as the medians of its repetitions, with the spread of its tail. */
export type MedianStep = StepReport & {
  repeats: number;
  /** Least and most of the repetitions' added p99. */
  addedP99: { min: number; max: number };
  /** How long the machine's fixed work took before each. */
  fixedWorkMs: number;
};

/** The median of each number of some repetitions of one step; of anything else what the last of them has. */
export function medianStep(repetitions: readonly StepReport[], fixedWork: readonly number[]): MedianStep {
  const p99s = repetitions.flatMap(({ added }) => added?.p99 ?? []);
  const median = medianOfAll(repetitions) as StepReport;
  return {
    ...median,
    isOnSchedule: repetitions.every(({ isOnSchedule }) => isOnSchedule),
    isHeld: repetitions.every(({ isHeld }) => isHeld),
    repeats: repetitions.length,
    addedP99: { min: Math.min(...p99s), max: Math.max(...p99s) },
    fixedWorkMs: medianOf(fixedWork),
  };
}

function medianOfAll(values: readonly unknown[]): unknown {
  const last = values.at(-1);
  if (typeof last === 'number') return medianOf(values.filter((value): value is number => typeof value === 'number'));
  if (typeof last !== 'object' || last === null || Array.isArray(last)) return last;
  const fields = Object.keys(last).map((key) => [
    key,
    medianOfAll(values.map((value) => (value as Record<string, unknown> | undefined)?.[key])),
  ]);
  return Object.fromEntries(fields);
}
