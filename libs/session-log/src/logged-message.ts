/** One message of a session as a stream holds it: an event or a frame. */
export interface LoggedMessage {
  subject: string;
  /** When the stream stored it, in ms since 1970. */
  storedAtMs: number;
  /** W3C trace context that came with it. */
  traceparent?: string;
  /** The event as JSON in UTF-8, or the frame with its header. */
  data: Uint8Array;
}

/** Everything the streams hold of one session. */
export interface RecordedSession {
  sessionId: string;
  /** In the order of the stream. */
  events: LoggedMessage[];
  /** Voice, both directions, each in the order of the stream; empty when it has aged out. */
  frames: LoggedMessage[];
}
