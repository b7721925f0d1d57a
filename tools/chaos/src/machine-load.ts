import { cpus } from 'node:os';
import { percentiles } from './gaps.js';

const PERIOD_MS = 1000;

/** How busy the machine's processors are, second by second. */
export class MachineLoad {
  private readonly samples: number[] = [];
  private last = machineTimes();
  private timer: NodeJS.Timeout | undefined;

  /** Begins to sample. */
  start(): void {
    this.last = machineTimes();
    this.timer = setInterval(() => this.sample(), PERIOD_MS).unref();
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.timer);
  }

  /** Share of all processors' time that was in use, 0 to 1, over the seconds sampled. */
  busy(): { p50: number; p95: number } {
    const { p50, p95 } = percentiles(this.samples);
    return { p50, p95 };
  }

  private sample(): void {
    const now = machineTimes();
    const all = now.all - this.last.all;
    if (all > 0) this.samples.push(1 - (now.idle - this.last.idle) / all);
    this.last = now;
  }
}

/** Time of all processors together since the machine began, in ms: of which idle. */
export function machineTimes(): { all: number; idle: number } {
  let all = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    all += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { all, idle };
}
