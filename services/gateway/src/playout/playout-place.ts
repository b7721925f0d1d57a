import type { VoicePosition } from './played-ledger.js';

/** A place in a reply's voice. */
export interface PlayoutPlace extends VoicePosition {
  reply: number;
}

/** Where a session's playout stands that another gateway has begun. */
export interface PlayoutState {
  /** Replies that are over. */
  over: readonly number[];
  /** The reply that is being played, if there is one: what is before the place has been played. */
  playing?: BegunPlayout;
}

/** A reply that another gateway has begun to play. */
export interface BegunPlayout extends PlayoutPlace {
  turn?: number;
  /** Samples of the reply that have been played. */
  totalSamples: number;
  /** The session's log has its `playout.started`. */
  isReported: boolean;
}
