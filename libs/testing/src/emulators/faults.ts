/** What an emulated provider can be told to do wrong. */
export const FAULTS = [
  /** The connection is taken, and the request or the upgrade never answered. */
  'timeout',
  /** The answer or the socket begins as it should, and then nothing more is said. */
  'silent',
  /** Too many requests, with the time to wait. */
  'rate_limited',
  /** Too many requests, without it. */
  'rate_limited_bare',
  /** The provider is broken: HTTP 5xx, or its own error in place of it. */
  'server_error',
  /** The key is refused. */
  'auth',
  /** The account is used up. */
  'quota',
  /** The answer ends cleanly before it is complete. */
  'truncated',
  /** The connection breaks in the middle of the answer. */
  'dropped',
  /** In the middle of the answer comes what is not of the protocol. */
  'malformed',
  /** The provider closes before the first result: the final transcript, the first audio, the first token. */
  'closed_early',
] as const;

/** One of them. */
export type Fault = (typeof FAULTS)[number];
