import { TALKER, type MeasureReport } from './measure-calls.js';
import { measureFalseInterruptions } from './measure-false-interruptions.js';
import { measureInterruptions } from './measure-interruptions.js';
import { PREEMPTIVE_AGENTS, measurePreemptive } from './measure-preemptive.js';
import type { Measure } from './options.js';
import { ScenarioSystem, type Surroundings } from './scenario-system.js';

const MEASURING = {
  interruptions: measureInterruptions,
  'false-interruptions': measureFalseInterruptions,
  preemptive: measurePreemptive,
} satisfies Record<Measure, unknown>;

/** Measures something so often, on a system of its own with scripted engines. */
export async function runMeasure(
  { what, count }: { what: Measure; count: number },
  atOnce: number,
  surroundings: Surroundings,
): Promise<MeasureReport> {
  const system = await ScenarioSystem.start('scripted', [TALKER, ...PREEMPTIVE_AGENTS], surroundings);
  try {
    return await MEASURING[what](count, system.stage, atOnce);
  } finally {
    await system.stop(false);
  }
}
