import type { EdgeEvent, ParleyEvent } from '@parley/contracts';
import type { ScriptedTurn } from './conversation-script.js';
import type { CallPhase } from './plan.js';
import type { DryGap, HeardPiece } from './speaker.js';

/** A turn that was said, with when. Times are in ms since 1970. */
export interface SpokenTurn extends ScriptedTurn {
  saidFromMs: number;
  saidToMs: number;
}

/** An event as the caller was told of it. */
export interface ToldEvent {
  atMs: number;
  event: EdgeEvent;
}

/** Everything that a caller knows of its call. Times are in ms since 1970. */
export interface CallRecord {
  /** Ordinal of the call in the run, from 1. */
  call: number;
  sessionId: string;
  openedMs: number;
  endedMs: number;
  /** Turns said to their end, in order. */
  turns: SpokenTurn[];
  /** What the call was doing from when on. */
  phases: { fromMs: number; phase: CallPhase }[];
  /** Which gateway its socket led to from when on, by instance name. */
  gateways: { fromMs: number; instance: string }[];
  told: ToldEvent[];
  pieces: HeardPiece[];
  gaps: DryGap[];
  /** Frames of its voice that the client did not take. */
  droppedFrames: number;
  /** Why it did not come to its end; absent when it did. */
  failure?: { code: string; message: string };
}

/** A call that is over, with its session's log. */
export interface FinishedCall {
  record: CallRecord;
  /** As a new owner would read it: in order, without events of owners that were succeeded. */
  log: readonly ParleyEvent[];
}

/** The phase of a call at a time; undefined before and after it. */
export function phaseAt(record: Pick<CallRecord, 'phases' | 'endedMs'>, atMs: number): CallPhase | undefined {
  if (atMs > record.endedMs) return undefined;
  return record.phases.findLast(({ fromMs }) => fromMs <= atMs)?.phase;
}
