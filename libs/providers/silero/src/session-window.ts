/** Samples of a window, at 16 kHz: 32 ms. */
export const WINDOW_SAMPLES = 512;
/** Samples before a window that are judged with it. */
export const CONTEXT_SAMPLES = 64;
/** Numbers of each of the two kinds that the network remembers of a session. */
export const STATE_NUMBERS = 128;

/** A window of one session, and what the network remembers of that session. */
export interface SessionWindow {
  /** The context and the window, from -1 to 1. */
  readonly input: Float32Array;
  readonly hidden: Float32Array;
  readonly cell: Float32Array;
}

/** What a session remembers at its beginning. */
export function newSessionWindow(): SessionWindow {
  return {
    input: new Float32Array(CONTEXT_SAMPLES + WINDOW_SAMPLES),
    hidden: new Float32Array(STATE_NUMBERS),
    cell: new Float32Array(STATE_NUMBERS),
  };
}
