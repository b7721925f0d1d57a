/** What the callers' process is told to do. JSON. */
export interface LoadPlan {
  /** The gateways' raw WebSocket doors, callers spread over them. */
  urls: string[];
  calls: number;
  /** Length of the frames, both ways. */
  frameMs: number;
  agent: string;
  /** From the first turn of the first call on. */
  warmUpMs: number;
  measuredMs: number;
  /** Every so many turns the caller speaks over the reply; 0 for never. */
  interruptEvery: number;
  /** In how much time the calls are opened. */
  openingMs: number;
}

/** One turn as its caller saw it. Times are wall clock, in ms since 1970. */
export interface LoadTurn {
  reply: number;
  /** The first frame of the reply's voice came. */
  firstFrameMs: number;
  /** Frames of it. */
  frames: number;
  /** Frames that came after they had to be played, had playing begun with the first one. */
  lateFrames: number;
  /** The caller began to speak over it: its first frame with sound left. */
  interruptedMs?: number;
  /** Nothing of the reply came after this, and the caller's speaker was told to stop. */
  silentMs?: number;
}

/** One call as its caller saw it. */
export interface LoadCallReport {
  sessionId: string;
  /** When the first sample of the caller's voice left. */
  voiceFromMs: number;
  turns: LoadTurn[];
  /** Turns that no reply came to. */
  unanswered: number;
  /** Why it ended early. */
  failure?: string;
}

/** What the callers' process measured, within the measured time. */
export interface LoadReport {
  fromMs: number;
  toMs: number;
  calls: LoadCallReport[];
  /** From a call to its `session_started`. */
  openMs: number[];
  /** How late the callers' frames left, sampled. */
  latenessMs: number[];
  /** Frames sent, and those that were due. */
  sentFrames: number;
  dueFrames: number;
  /** Difference of two frames' distance from their length, behind a reply's first 500 ms, sampled. */
  jitterMs: number[];
}

/** What the callers' process says while it works. */
export type LoadMessage = { type: 'begins' } | { type: 'ends' } | { type: 'report'; report: LoadReport };
