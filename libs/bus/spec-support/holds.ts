import { eventually } from '@parley/testing';

/** Makes what waits until an assertion holds, this long unless told otherwise. */
export function holdsWithin(usualMs: number) {
  return (assertion: () => unknown, what: string, deadlineMs = usualMs): Promise<true> =>
    eventually(() => (assertion(), true as const), { what, deadlineMs });
}
