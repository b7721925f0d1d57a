const FULL_SCALE = 32_768;

/**
 * Loudness of `pcm` as its root mean square in dBFS: 0 for a full-scale square wave, about -3 for a full-scale sine,
 * -Infinity for silence and for no samples.
 */
export function rmsDbfs(pcm: Int16Array): number {
  if (pcm.length === 0) return -Infinity;
  let sumOfSquares = 0;
  for (const sample of pcm) sumOfSquares += sample * sample;
  return 10 * Math.log10(sumOfSquares / pcm.length / (FULL_SCALE * FULL_SCALE));
}

/** The largest magnitude in `pcm` in dBFS; -Infinity for silence and for no samples. */
export function peakDbfs(pcm: Int16Array): number {
  let peak = 0;
  for (const sample of pcm) peak = Math.max(peak, Math.abs(sample));
  return 20 * Math.log10(peak / FULL_SCALE);
}
