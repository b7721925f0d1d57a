const FIRST_MS = [0, 100, 200, 400, 800, 1600];
const MAX_MS = 2000;
/** A delay is this much shorter at most, so that callers of one gateway do not all come back at once. */
const JITTER = 0.5;

/**
 * How long to wait before an attempt to resume: 0, 100, 200, 400 ms and so on up to 2 s, less some chance.
 * @param attempt from 0
 * @param random from 0 to 1
 */
export function resumeDelayMs(attempt: number, random: number): number {
  return (FIRST_MS[attempt] ?? MAX_MS) * (1 - JITTER * random);
}
