import { TALKER, type MeasureReport } from './measure-calls.js';
import { measureFalseInterruptions } from './measure-false-interruptions.js';
import { measureInterruptions } from './measure-interruptions.js';
import type { Measure } from './options.js';
import { ScenarioSystem, type Surroundings } from './scenario-system.js';

/** Measures something so often, on a system of its own with scripted engines. */
export async function runMeasure(
  { what, count }: { what: Measure; count: number },
  atOnce: number,
  surroundings: Surroundings,
): Promise<MeasureReport> {
  const system = await ScenarioSystem.start('scripted', [TALKER], surroundings);
  const measure = what === 'interruptions' ? measureInterruptions : measureFalseInterruptions;
  try {
    return await measure(count, system.stage, atOnce);
  } finally {
    await system.stop(false);
  }
}
