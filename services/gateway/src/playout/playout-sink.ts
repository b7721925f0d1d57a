import type { EdgeAudioInfo, Payload } from '@parley/contracts';

/** Why voice was thrown away instead of played. */
export type PlayoutDrop =
  /** The reply is over. */
  | 'reply_over'
  /** Already here or already played. */
  | 'duplicate'
  /** Not `pcm_s16le` at the session's rate, or no whole samples. */
  | 'format'
  /** More than the buffer holds. */
  | 'overflow'
  /** It never arrived, and playing went on without it. */
  | 'lost'
  /** Queued when the reply was interrupted or given up. */
  | 'flushed';

/** What a playout does to the world. Handlers must not throw and must not call back into the playout. */
export interface PlayoutSink {
  /** Voice for the caller, paced. A view: it stays valid. */
  audio(info: EdgeAudioInfo, pcm: Uint8Array): void;
  started(event: Payload<'playout.started'>): void;
  progress(event: Payload<'playout.progress'>): void;
  /** It stands still; with `holds` the caller's speaker is to do so too. */
  paused(event: Payload<'playout.paused'>, holds: boolean): void;
  resumed(event: Payload<'playout.resumed'>, holds: boolean): void;
  ended(event: Payload<'playout.ended'>): void;
  /** The caller must throw away what it has not played of this reply. */
  flush(reply: number): void;
  /** A reply ran dry and went on (or was over) after this long, within a sentence or between two. */
  underrun(where: 'sentence' | 'between', durationMs: number): void;
  /** Voice was here in time and left too late. */
  late(byMs: number): void;
  dropped(reason: PlayoutDrop, durationMs: number): void;
  /** The buffer is full for the first time in this reply. */
  overflowed(reply: number): void;
  /** A reply was given up because its voice did not come. */
  stalled(reply: number): void;
}
