import { parseArgs } from 'node:util';
import { ScenariosError } from './scenarios-error.js';

/** What can be measured. */
export const MEASURES = ['interruptions', 'false-interruptions', 'preemptive'] as const;
/** One of {@link MEASURES}. */
export type Measure = (typeof MEASURES)[number];

/** What a run is to be. */
export interface ScenariosOptions {
  /** Files and folders; empty for all that there are. */
  paths: readonly string[];
  /** Scenarios of these engines alone; undefined for all. */
  engines: 'scripted' | 'real' | undefined;
  /** Scenarios at a time on scripted engines. */
  atOnce: number;
  /** Run also what needs a feature that is not there. */
  withNeeds: boolean;
  /** Keep the data directory and the logs also of a run in which nothing failed. */
  keep: boolean;
  /** Where the counts go as JSON. */
  json: string | undefined;
  /** Instead of scenarios: measure so often. */
  measure: { what: Measure; count: number } | undefined;
}

/** The command's help. */
export const USAGE = `npm run scenarios -- [options] [file or folder...]
  (no file)               all of tools/scenarios/scenarios
  --scripted, --real      those of one kind of engines alone
  --at-once 8             scenarios at a time; at most 2 of those with real engines
  --with-needs            also those that say \`needs\`
  --json counts.json      write how many came out how
  --keep                  keep the data directory and logs also when nothing failed
  --measure interruptions 100
                          instead: how long from the caller's first sound to silence at the caller's ear
  --measure false-interruptions 50
                          instead: coughs while the agent speaks; is every sample heard once, and in order?
  --measure preemptive 20 instead: what beginning replies early saves and wastes`;

/** @throws {ScenariosError} `usage` */
export function parseOptions(args: readonly string[]): ScenariosOptions {
  const { values, positionals } = parsed(args);
  if (values.scripted && values.real) throw usage('--scripted and --real exclude each other');
  const atOnce = wholeNumber('--at-once', values['at-once']);
  const [count = '50', ...rest] = positionals;
  const measure = values.measure === undefined ? undefined : { what: measureOf(values.measure), count: wholeNumber('--measure', count) }; // prettier-ignore
  if (measure && rest.length > 0) throw usage(`--measure takes a number, not ${positionals.join(' ')}`);
  return {
    paths: measure ? [] : positionals,
    engines: values.real ? 'real' : values.scripted ? 'scripted' : undefined,
    atOnce,
    withNeeds: values['with-needs'],
    keep: values.keep,
    json: values.json,
    measure,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        scripted: { type: 'boolean', default: false },
        real: { type: 'boolean', default: false },
        'at-once': { type: 'string', default: '8' },
        'with-needs': { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        json: { type: 'string' },
        measure: { type: 'string' },
      },
    });
  } catch (cause) {
    throw usage((cause as Error).message, cause);
  }
}

function measureOf(text: string): Measure {
  const found = MEASURES.find((known) => known === text);
  if (found) return found;
  throw usage(`--measure takes one of ${MEASURES.join(', ')}, not "${text}"`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return value;
  throw usage(`${name} takes a whole number from 1 to 10000, not "${text}"`);
}

function usage(message: string, cause?: unknown): ScenariosError {
  return new ScenariosError('usage', message, { cause });
}
