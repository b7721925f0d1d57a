/** Now, in ms since 1970 with fractions: the scale of events' `at`, without jumps within a run. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
