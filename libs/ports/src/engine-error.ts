/** What can go wrong in an engine, whichever vendor it is. */
export type EngineErrorCode =
  /** The engine or a file it needs is not on this machine. */
  | 'engine_missing'
  /** The engine refused the settings. */
  | 'engine_settings'
  /** No answer within the deadline. */
  | 'engine_timeout'
  /** The engine has no room; retry after `retryAfterMs` where it says so. */
  | 'engine_busy'
  | 'engine_auth'
  | 'engine_rate_limited'
  /** The account has no credit left. */
  | 'engine_quota'
  /** The engine broke, or its connection did. */
  | 'engine_unavailable'
  /** The engine answered something that is not its protocol. */
  | 'engine_protocol'
  /** The text or audio cannot be processed. */
  | 'engine_input'
  /** The caller aborted. */
  | 'engine_aborted'
  /** The stream was closed before. */
  | 'engine_closed';

/** The one error class of every engine adapter; vendors' errors are translated into it at their boundary. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    readonly retryable: boolean,
    options?: ErrorOptions & { retryAfterMs?: number },
  ) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }

  /** How long the engine asked to be left alone, where it said so. */
  readonly retryAfterMs: number | undefined;
}
