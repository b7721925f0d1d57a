/** An error code of the system: stable, searchable, and matched on instead of messages. */
export interface ErrorCodeInfo {
  /** What happened and what to do about it, for whoever sees it. */
  readonly message: string;
  /** Whether the same action may succeed later. */
  readonly retryable: boolean;
}

/** Every code that can reach a caller, with what it says. */
export const ERROR_CODES = {
  audio_odd_length: {
    message: 'binary audio must be whole 16-bit samples: send an even number of bytes',
    retryable: false,
  },
  frame_too_large: { message: 'a binary frame is at most 64 KiB: send 10 to 200 ms at a time', retryable: false },
  message_too_large: { message: 'a JSON message is at most 64 KiB', retryable: false },
  invalid_json: { message: 'a text message must be one JSON object', retryable: false },
  unknown_type: { message: "the message's type is unknown: send text or end, or binary audio", retryable: false },
  invalid_message: { message: 'the message does not fit its type', retryable: false },
  session_not_started: {
    message: 'audio came before the session was accepted: wait for session_started',
    retryable: true,
  },
  session_exists: { message: 'this connection already has a session: open another connection', retryable: false },
  resume_refused: {
    message: 'the session cannot be resumed: it is over or unknown, or the token is wrong',
    retryable: false,
  },
  session_poisoned: {
    message: 'the session was closed because it made one replica after the other fail',
    retryable: false,
  },
  session_idle: { message: 'the session was closed because nobody spoke or wrote for too long', retryable: false },
  audio_too_fast: {
    message: 'audio arrives much faster than real time: pace it, what is over the limit is dropped',
    retryable: true,
  },
  client_too_slow: { message: 'the client does not read: what it was owed has been dropped', retryable: false },
  audio_not_expected: { message: "this session's mode takes text: binary audio is dropped", retryable: false },
  session_too_long: { message: 'the session was closed because it reached its longest duration', retryable: true },
  stage_unavailable: {
    message: 'a stage has no live replica: the session is kept and goes on when it is back',
    retryable: true,
  },
  capacity_exceeded: { message: 'this gateway is full: try another or try later', retryable: true },
  gateway_draining: { message: 'this gateway is shutting down: connect again', retryable: true },
  bus_unavailable: { message: 'the message broker cannot be reached: try again', retryable: true },
  engine_failed: { message: 'an engine failed on this turn: say it again', retryable: true },
  reply_failed: { message: 'the agent could not answer this turn: say it again', retryable: true },
  unknown_agent: { message: 'there is no agent of that name', retryable: false },
  no_reply: { message: 'a turn got no reply in time', retryable: true },
  internal: { message: 'something failed inside: the session goes on', retryable: true },
} as const satisfies Record<string, ErrorCodeInfo>;

/** A code from {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
