/** A point of a session that a step waits for. */
export type Moment =
  /** The session has begun. */
  | { at: 'start' }
  /** A reply has been played to its end, and the caller's speaker is silent. */
  | { at: 'quiet' }
  /** The caller's speaker plays this sentence of the newest reply, or has played it and waits for the next. */
  | { at: 'sentence'; sentence: number; state: 'playing' | 'over' }
  | { at: 'event'; of: 'edge' | 'log'; type: string };

const SENTENCE = /^sentence (\d+) (playing|over)$/u;

/**
 * Reads what a file says of a moment.
 * @returns undefined when it says nothing that is known
 */
export function momentIn(
  said: string,
  edgeTypes: ReadonlySet<string>,
  logTypes: ReadonlySet<string>,
): Moment | undefined {
  if (said === 'start' || said === 'quiet') return { at: said };
  const [, ordinal, state] = SENTENCE.exec(said) ?? [];
  if (Number(ordinal) > 0) return { at: 'sentence', sentence: Number(ordinal), state: state as 'playing' | 'over' };
  if (edgeTypes.has(said)) return { at: 'event', of: 'edge', type: said };
  if (logTypes.has(said)) return { at: 'event', of: 'log', type: said };
  return undefined;
}
