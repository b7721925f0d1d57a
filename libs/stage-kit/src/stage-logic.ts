import type { AudioDirection, AudioFrame, EventKind, ParleyEvent } from '@parley/contracts';
import type { DeliveryContext, SessionBus, SessionWriter, VoiceSince } from '@parley/bus';
import type { Log } from '@parley/telemetry';

/** A session as its owner works on it. */
export interface OwnedSession {
  readonly sessionId: string;
  readonly epoch: number;
  readonly writer: SessionWriter;
  readonly bus: SessionBus;
  /** Another replica owned this session before: state is to be rebuilt from what the feed delivers as replayed. */
  readonly takeover: boolean;
  /**
   * When the gateway that holds the caller sent the newest heartbeat that has come, by its own clock; undefined when none
   * has come lately, or something that it had written before is known to be missing.
   */
  gatewayBeat(): number | undefined;
  /** Aborted when the session ends for this replica, whatever the reason. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Why a session ends for this replica. */
export type CloseReason =
  /** The session is over. */
  | 'closed'
  /** The replica stops; another goes on. */
  | 'drained'
  /** The lease could not be renewed or a newer owner exists; nothing may be written any more. */
  | 'lost'
  /** The gateway that held the caller is gone, and no other has resumed the session in time. */
  | 'orphaned'
  /** The session could not be begun here; it is offered again after a while. */
  | 'failed'
  /** It threw or rejected something that nobody caught; it is offered again after a while. */
  | 'crashed'
  /** It has crashed too many owners and is not opened any more. No `StageSession` is closed with this. */
  | 'poisoned';

/** What a stage does with one session. */
export interface StageSession {
  /** An event of the kinds asked for, in order. What it throws is counted and reported; the session goes on. */
  onEvent(event: ParleyEvent, context: DeliveryContext): void;
  /** A frame of the direction asked for, in order. */
  onFrame?(frame: AudioFrame): void;
  /** Which stored frames it still needs, asked after the stored events. Without it: all of them. */
  voiceSince?(): VoiceSince | undefined;
  /** Everything stored has been delivered; what follows is live. */
  onLive?(): void;
  /**
   * What it knows of the session, as plain data that compares by value; undefined while something is going on of which
   * the log cannot know yet. @see StageLogic.foldAtRest
   */
  stateAtRest?(): unknown;
  /** Something is being made that a new owner would begin anew: it is handed over after the others, if that lasts. */
  isBusy?(): boolean;
  /** Releases everything. Nothing is delivered any more; after `lost` nothing can be written. */
  close(reason: CloseReason): Promise<void>;
}

/** A stage: what it reads and how it works on a session. All else is stage-kit's. */
export interface StageLogic {
  /** Kinds of events that sessions of this stage read; `session` and `stage` are always read. */
  readonly kinds: readonly EventKind[];
  /** Direction of voice that it reads. */
  readonly audio?: AudioDirection;
  /** Direction of voice that it writes: a new owner's first frame fences its predecessor's. */
  readonly writesAudio?: AudioDirection;
  /**
   * What a new owner would know after these events. Must equal what the owner's {@link StageSession.stateAtRest} gives:
   * it is compared for sessions drawn at random, and a difference is counted. Pure.
   */
  foldAtRest?(events: readonly ParleyEvent[]): unknown;
  /** Loads engines; the stage is not ready before. */
  warm(): Promise<void>;
  /** Begins to work on a session. An error with a `code` is reported as `stage.failed`. */
  open(session: OwnedSession): Promise<StageSession>;
  /** Releases engines, after every session is closed. */
  close(): Promise<void>;
}
