import { parseArgs } from 'node:util';
import { ChaosError } from './chaos-error.js';
import { FAULT_KINDS, FAULT_STAGES, type FaultKind, type FaultStage } from './plan.js';

/** What a run is to be. */
export interface ChaosOptions {
  /** Concurrent calls. */
  calls: number;
  /** How long faults are injected; calls that are under way then still end as they should. */
  durationMs: number;
  seed: number;
  faults: readonly FaultKind[];
  stages: readonly FaultStage[];
  /** Processes of each service. */
  replicas: number;
  /** `real` is speech that is recognised and synthesized, for 4 calls at most; `scripted` traces every sample. */
  engines: 'scripted' | 'real';
  /** Mean distance of two faults. */
  faultEveryMs: number;
  /** Both replicas of a stage may be away at a time. */
  brutal: boolean;
  /** Instead of faults drawn from the seed: every replica of the stages is restarted once, one after the other. */
  rolling: boolean;
  /** Where the report goes as JSON. */
  json: string | undefined;
  /** Keep the data directory and the logs; they are kept anyway when an invariant broke. */
  keep: boolean;
  /** Print the plan and end. */
  planOnly: boolean;
}

/** The command's help. */
export const USAGE = `npm run chaos -- [options]
  --calls 50             concurrent calls
  --minutes 5            how long faults are injected
  --seed 7               determines the faults and what is said
  --faults kill,term,... of ${FAULT_KINDS.join(', ')}; all of them by default
  --stages stt,...       whose replicas are hit, of ${FAULT_STAGES.join(', ')}; all by default
  --engines scripted     or real: recorded callers, recogniser and synthesizer, for 4 calls at most
  --replicas 2           processes of each service
  --fault-every 1.5s     mean distance of two faults
  --rolling              no chance: restart every replica once, one after the other, and end
  --brutal               both replicas of a stage may be away at a time
  --json report.json     write the report as JSON too
  --keep                 keep the data directory and logs also of a run that held, and all calls as files
  --plan                 print the faults that the seed draws, and end`;

/** @throws {ChaosError} `usage` */
export function parseOptions(args: readonly string[]): ChaosOptions {
  const values = parsed(args);
  const engines = engineKind(values.engines);
  return {
    calls: wholeNumber('--calls', values.calls ?? (engines === 'real' ? '4' : '50'), 1, engines === 'real' ? 4 : 2000),
    engines,
    durationMs: Math.round(positive('--minutes', values.minutes) * 60_000),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    faults: listOf('--faults', values.faults, FAULT_KINDS),
    stages: listOf('--stages', values.stages, FAULT_STAGES),
    replicas: wholeNumber('--replicas', values.replicas, 1, 8),
    faultEveryMs: Math.round(positive('--fault-every', values['fault-every'].replace(/s$/, '')) * 1000),
    brutal: values.brutal,
    rolling: values.rolling,
    json: values.json,
    keep: values.keep,
    planOnly: values.plan,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        calls: { type: 'string' },
        engines: { type: 'string', default: 'scripted' },
        minutes: { type: 'string', default: '5' },
        seed: { type: 'string', default: '7' },
        faults: { type: 'string', default: FAULT_KINDS.join(',') },
        stages: { type: 'string', default: FAULT_STAGES.join(',') },
        replicas: { type: 'string', default: '2' },
        'fault-every': { type: 'string', default: '1.5s' },
        brutal: { type: 'boolean', default: false },
        rolling: { type: 'boolean', default: false },
        json: { type: 'string' },
        keep: { type: 'boolean', default: false },
        plan: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new ChaosError('usage', (cause as Error).message, { cause });
  }
}

function engineKind(text: string): ChaosOptions['engines'] {
  if (text === 'scripted' || text === 'real') return text;
  throw new ChaosError('usage', `--engines is scripted or real, not "${text}"`);
}

function listOf<T extends string>(name: string, text: string, known: readonly T[]): T[] {
  const given = text.split(',').filter(Boolean);
  const unknown = given.filter((item) => !known.includes(item as T));
  if (unknown.length > 0)
    throw new ChaosError('usage', `${name}: ${unknown.join(', ')} is none of ${known.join(', ')}`);
  return known.filter((item) => given.includes(item));
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new ChaosError('usage', `${name} takes a number above 0, not "${text}"`);
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ChaosError('usage', `${name} takes a whole number from ${min} to ${max}, not "${text}"`);
}
