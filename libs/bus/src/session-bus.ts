import type {
  AudioDirection,
  AudioFrame,
  Claim,
  ClaimedStage,
  EventKind,
  EventOf,
  EventType,
  ParleyEvent,
  Payload,
  Presence,
  Stage,
} from '@parley/contracts';

/** A frame without what the writer adds by itself. */
export type OutgoingFrame = Omit<AudioFrame, 'epoch' | 'seq' | 'fence'> & { fence?: boolean };

/**
 * A session's log as one owner writes it. Everything carries the owner's epoch and is numbered in call order,
 * events by kind and frames by direction.
 */
export interface SessionWriter {
  readonly sessionId: string;
  readonly stage: Stage;
  readonly epoch: number;
  /**
   * Numbers and sends an event at once; trace context of the active span goes with it.
   * @returns the event as published, when the stream has stored it. A failed acknowledgement is retried with the
   * same message id until the deadline.
   * @throws {BusError} `publish_failed`, `writer_closed`
   */
  publish<T extends EventType>(type: T, payload: Payload<T>): Promise<EventOf<T>>;
  /**
   * Sends text for clients to show as it streams. Live only: not stored, not retried.
   * @param speaker who says it, where several may
   */
  text(reply: number, text: string, speaker?: string): void;
  /**
   * Numbers and sends a frame at once. Acknowledgements are watched in the background: a frame that the stream
   * refused is counted and sent again.
   * @throws {BusError} `writer_closed`
   */
  audio(direction: AudioDirection, frame: OutgoingFrame): void;
  /** Frames sent and not yet acknowledged; a producer that can wait does so while this is over its limit. */
  readonly unackedFrames: number;
  /** Resolves when everything sent is acknowledged or given up. Nothing can be written afterwards. */
  close(): Promise<void>;
}

/**
 * What a reader wants of a session: everything the streams still hold of it, then what comes live.
 * Handlers run one at a time, in order per kind and writer; events of the backlog come in stream order, before frames.
 */
export interface FeedOptions {
  sessionId: string;
  kinds: readonly EventKind[];
  audio?: AudioDirection;
  /** Which stored frames are still needed, asked when the stored events have been delivered. Without it: all of them. */
  voiceSince?(): VoiceSince | undefined;
  /** Also deliver `text.delta`. */
  text?: boolean;
  /** An event, exactly once, never of an epoch lower than seen before for its stage. Must not throw. */
  onEvent(event: ParleyEvent, context: DeliveryContext): void;
  /** A frame, exactly once, in order, never of a lower epoch. The payload is valid after the call returns. */
  onFrame?(frame: AudioFrame): void;
  /** Messages that could neither be received nor fetched from the stream. */
  onLost?(lost: { subject: string; count: number }): void;
}

/** From where on a reader needs stored voice. More may be delivered than is needed, never less. */
export interface VoiceSince {
  /** When its first frame was stored at a guess, in ms since 1970. */
  atMs: number;
  /** Whether reading from that frame on is enough; asked with the first one stored since then, if there is any. */
  isEnough(first: AudioFrame | undefined): boolean;
}

/** What is known of a delivery beside the message. */
export interface DeliveryContext {
  /** Came from the stream, not live: it may be old. */
  replayed: boolean;
  /** W3C trace context that came with the event. */
  traceparent?: string;
}

/** A session that a stage holds. Not acknowledging it is the lease. */
export interface ClaimLease {
  readonly claim: Claim;
  /** How often the claim was handed out, this time included: over 1 for a session that had an owner before. */
  readonly deliveries: number;
  /** The session is over: removes the claim. Resolves to false when the broker could not be told. */
  done(): Promise<boolean>;
  /** Gives the session up, so that another replica has it in milliseconds, or after a delay. */
  handBack(delayMs?: number): void;
  /** Stops renewing without a word, when another owner has the session already. */
  abandon(): void;
}

/** How a replica takes sessions. */
export interface ClaimHandler {
  /** How many more sessions the replica can take now; asked before each pull. */
  free(): number;
  /** A session is this replica's from here on. Must not throw. */
  onClaim(lease: ClaimLease): void;
  /** The lease could not be renewed in time: another replica may have the session. Stop writing at once. */
  onLost(lease: ClaimLease): void;
}

/** Taking of sessions, running. */
export interface ClaimWorker {
  /** Takes no further sessions; held ones stay leased. */
  stopPulling(): Promise<void>;
  /** Ends everything; leases that are neither done nor handed back expire by themselves. */
  close(): Promise<void>;
}

/** An open feed. */
export interface SessionFeed {
  /** Messages are known to be missing and are being fetched: what has not come yet may have been written long ago. */
  readonly behind: boolean;
  close(): void;
}

/** Who is alive, from the replicas' heartbeats. */
export interface PresenceView {
  /** Replicas of a stage heard of within the presence timeout that are running. */
  live(stage: Stage): Presence[];
  /** Calls back when a stage gets its first live replica or loses its last; returns a function that stops it. */
  onChange(listener: (stage: Stage, alive: boolean) => void): () => void;
}

/** What services see of the broker. */
export interface SessionBus {
  /** This process's name on the bus: `<stage>-<random>`. */
  readonly replica: string;
  /** Whether the connection is up at this moment. */
  readonly connected: boolean;
  /** One round trip to the broker. @throws {BusError} `unavailable` */
  ping(timeoutMs?: number): Promise<void>;
  /**
   * Takes ownership of a session for a stage by compare-and-set on `parley-owners`.
   * @returns the epoch: higher than any owner's before
   * @throws {BusError} `unavailable`
   */
  acquire(stage: Stage, sessionId: string): Promise<number>;
  /** Whether this epoch is still the newest for the stage and session. @throws {BusError} `unavailable` */
  isOwner(stage: Stage, sessionId: string, epoch: number): Promise<boolean>;
  writer(options: { stage: Stage; sessionId: string; epoch: number }): SessionWriter;
  /** Resolves when everything stored has been delivered and live delivery has begun. @throws {BusError} `unavailable` */
  feed(options: FeedOptions): Promise<SessionFeed>;
  /**
   * The newest stored frame of a session, or undefined when the stream holds none.
   * @throws {BusError} `unavailable`
   */
  lastFrame(direction: AudioDirection, sessionId: string): Promise<AudioFrame | undefined>;
  /** Offers a session to a stage's replicas. Stored; safe to call again. @throws {BusError} `publish_failed` */
  offer(stage: ClaimedStage, sessionId: string): Promise<void>;
  /** Begins to take sessions for a stage. @throws {BusError} `unavailable` */
  claims(stage: ClaimedStage, handler: ClaimHandler): Promise<ClaimWorker>;
  readonly presence: PresenceView;
  /** Begins to send this replica's heartbeat; `read` is asked before each. Returns a function that stops it. */
  announce(read: () => Omit<Presence, 'replica' | 'at'>): () => void;
}
