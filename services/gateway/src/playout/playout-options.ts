/** Settings of a playout. */
export interface PlayoutOptions {
  /** Rate of the agent's voice; frames of another rate are dropped. */
  sampleRateHz: number;
  /** Length of the frames that the caller gets; the last of a sentence may be shorter. */
  frameMs: number;
  /** How far ahead of real time voice may leave, and so how much the caller buffers. */
  leadMs: number;
  /** Most voice that is kept. @defaultValue 60000 */
  maxBufferedMs?: number;
  /** Played voice between two reports. @defaultValue 500 */
  progressMs?: number;
  /** Dryness after which a hole within a sentence is passed over. @defaultValue 200 */
  holeWaitMs?: number;
  /** Silence after which a reply whose text is over is given up. @defaultValue 10000 */
  stallMs?: number;
  /** Silence after which a reply whose text failed is over: nobody may be speaking it any more. @defaultValue 1000 */
  failedStallMs?: number;
  /** Silence after which a reply whose text is still being written is given up. @defaultValue 60000 */
  openStallMs?: number;
}

/** The settings of a playout with what follows from them. */
export interface PlayoutSettings extends Required<PlayoutOptions> {
  readonly samplesPerMs: number;
  /** Samples of a frame that the caller gets. */
  readonly frameSamples: number;
}

const DEFAULTS = {
  maxBufferedMs: 60_000,
  progressMs: 500,
  holeWaitMs: 200,
  stallMs: 10_000,
  failedStallMs: 1_000,
  openStallMs: 60_000,
};

/** Fills in what is not set. */
export function playoutSettings(options: PlayoutOptions): PlayoutSettings {
  const samplesPerMs = options.sampleRateHz / 1000;
  return { ...DEFAULTS, ...options, samplesPerMs, frameSamples: options.frameMs * samplesPerMs };
}
