import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.js';
import { PROFILES } from './profiles.js';

/** What a run is to be. */
export interface BenchOptions {
  /** Concurrent calls, a step each; the run ends with the first that is not held, unless they are named. */
  calls: readonly number[];
  /** Whether the steps were named, and so are all made. */
  isNamed: boolean;
  /** Measured time of a step. */
  seconds: number;
  /** Time before it, in which nothing is measured; by default as long as code takes to be compiled. */
  warmUpSeconds: number | undefined;
  /** Length of the frames, both ways. */
  frameMs: number;
  /** How often each step is made; the medians are reported. */
  repeats: number;
  /** How the stubs answer, by name. */
  profile: string;
  /** Every so many turns the caller speaks over the reply; 0 for never. */
  interruptEvery: number;
  /** In how much time the calls of a step are opened; by default 20 ms each. */
  openingSeconds: number | undefined;
  json: string | undefined;
  markdown: string | undefined;
  svg: string | undefined;
  /** Two reports, of which the ratios are wanted, instead of a run. */
  compare: readonly [string, string] | undefined;
  /** Folder for the services' processor profiles. */
  profileDir: string | undefined;
}

const STEPS = [1, 10, 25, 50, 100, 150, 200, 300, 400, 600, 800];

/** The command's help. */
export const USAGE = `npm run bench -- [options]
  --calls 25,200        concurrent calls, a step each; by default ${STEPS.join(', ')} until a step is not held
  --seconds 20          measured time of a step
  --warm-up 8           seconds before it; by default 300 turns of all calls together, but 8 to 60 seconds
  --frame-ms 20         length of the frames, both ways: 10 to 200
  --repeats 1           how often each step is made; medians and the spread of added p99 are reported
  --profile instant     how the stubs answer: ${Object.keys(PROFILES).join(' or ')}
  --interrupt-every 5   every so many turns the caller speaks over the reply; 0 for never
  --opening-seconds 2   open all calls of a step within this time, as after a storm; by default 20 ms each
  --minutes 30          a soak: one step of this length, read every half minute
  --json out.json       write the report as JSON
  --markdown out.md     write the table as Markdown
  --svg out.svg         write the chart
  --cpu-profile DIR     let the services write processor profiles
  --compare a.json b.json   print the ratios of two reports, and end`;

/** @throws {BenchError} `usage` */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parsed(args);
  if (values.compare !== undefined && positionals.length !== 1) throw usage('--compare takes two reports');
  const { calls, profile } = values;
  if (!(profile in PROFILES)) throw usage(`--profile is ${Object.keys(PROFILES).join(' or ')}, not "${profile}"`);
  const seconds = values.minutes === undefined ? number('--seconds', values.seconds, 1, 86_400) : number('--minutes', values.minutes, 0.1, 1440) * 60; // prettier-ignore
  return {
    calls: calls === undefined ? STEPS : calls.split(',').map((text) => whole('--calls', text, 1, 4000)),
    isNamed: calls !== undefined,
    seconds,
    warmUpSeconds: values['warm-up'] === undefined ? undefined : number('--warm-up', values['warm-up'], 0, 3600),
    frameMs: whole('--frame-ms', values['frame-ms'], 10, 200),
    repeats: whole('--repeats', values.repeats, 1, 20),
    profile,
    interruptEvery: whole('--interrupt-every', values['interrupt-every'], 0, 1000),
    openingSeconds: values['opening-seconds'] === undefined ? undefined : number('--opening-seconds', values['opening-seconds'], 0.1, 600), // prettier-ignore
    json: values.json,
    markdown: values.markdown,
    svg: values.svg,
    compare: values.compare === undefined ? undefined : [values.compare, positionals[0] as string],
    profileDir: values['cpu-profile'],
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        calls: text,
        seconds: { type: 'string', default: '20' },
        'warm-up': text,
        'frame-ms': { type: 'string', default: '20' },
        repeats: { type: 'string', default: '1' },
        profile: { type: 'string', default: 'instant' },
        'interrupt-every': { type: 'string', default: '5' },
        'opening-seconds': text,
        minutes: text,
        json: text,
        markdown: text,
        svg: text,
        compare: text,
        'cpu-profile': text,
      },
    });
  } catch (cause) {
    throw usage((cause as Error).message, cause);
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw usage(`${name} takes whole numbers from ${min} to ${max}, not "${text}"`);
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw usage(`${name} takes a number from ${min} to ${max}, not "${text}"`);
}

function usage(message: string, cause?: unknown): BenchError {
  return new BenchError('usage', message, { cause });
}
