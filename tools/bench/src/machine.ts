import { availableParallelism, cpus, totalmem } from 'node:os';
import { rounded } from './statistics.js';

/** What a run was made on. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGiB: number;
  node: string;
}

const ROUNDS = 3;
const WORK = 20_000_000;

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: rounded(totalmem() / 2 ** 30, 1),
    node: process.version,
  };
}

/** How long a fixed piece of work takes here at this moment, in ms: what is run on a machine that is slower now costs more. */
export function fixedWorkMs(): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    let hash = 0x811c9dc5;
    for (let n = 0; n < WORK; n++) hash = Math.imul(hash ^ (n & 0xff), 0x01000193);
    if (hash === 0) throw new Error('never');
    best = Math.min(best, performance.now() - began);
  }
  return rounded(best, 1);
}
