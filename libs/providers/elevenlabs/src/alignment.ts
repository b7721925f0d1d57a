/** A piece of the text, one character usually, and when it is heard. */
export interface TimedPiece {
  text: string;
  startMs: number;
  endMs: number;
}

/**
 * Reads an alignment as it comes on a socket: `chars` with their beginnings and lengths in ms, in any of the spellings
 * that the provider's documents and its service have used.
 * @returns undefined when there is none that can be read
 */
export function socketAlignment(alignment: unknown): TimedPiece[] | undefined {
  const of = fieldsOf(alignment);
  const chars = texts(of('chars', 'characters'));
  const starts = numbers(of('charStartTimesMs', 'charsStartTimesMs', 'char_start_times_ms'));
  const durations = numbers(of('charDurationsMs', 'charsDurationsMs', 'char_durations_ms'));
  if (!chars || !starts || !durations) return undefined;
  return pieces(chars, starts, (n) => (starts[n] ?? 0) + (durations[n] ?? 0));
}

/**
 * Reads an alignment as it comes in an HTTP answer, from the provider's client or as it is on the wire: with beginnings
 * and ends in seconds.
 * @returns undefined when there is none that can be read
 */
export function httpAlignment(alignment: unknown): TimedPiece[] | undefined {
  const of = fieldsOf(alignment);
  const chars = texts(of('characters'));
  const starts = numbers(of('characterStartTimesSeconds', 'character_start_times_seconds'));
  const ends = numbers(of('characterEndTimesSeconds', 'character_end_times_seconds'));
  if (!chars || !starts || !ends) return undefined;
  const inMs = (seconds: number) => seconds * 1000;
  return pieces(chars, starts.map(inMs), (n) => inMs(ends[n] ?? 0));
}

function pieces(chars: string[], starts: number[], endMs: (n: number) => number): TimedPiece[] | undefined {
  if (chars.length !== starts.length) return undefined;
  return chars.map((text, n) => ({ text, startMs: starts[n] ?? 0, endMs: endMs(n) }));
}

function fieldsOf(alignment: unknown): (...names: string[]) => unknown {
  const fields = (typeof alignment === 'object' && alignment !== null ? alignment : {}) as Record<string, unknown>;
  return (...names) => names.map((name) => fields[name]).find((field) => field != null);
}

function texts(field: unknown): string[] | undefined {
  return Array.isArray(field) && field.every((each) => typeof each === 'string') ? field : undefined;
}

function numbers(field: unknown): number[] | undefined {
  return Array.isArray(field) && field.every((each) => typeof each === 'number') ? field : undefined;
}
