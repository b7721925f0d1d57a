/** What can go wrong on the bus. */
export type BusErrorCode =
  /** The broker did not answer in time or the connection is down. */
  | 'unavailable'
  /** An event was not stored within its deadline. */
  | 'publish_failed'
  /** Something was written after `close()`. */
  | 'writer_closed'
  /** A stream exists with settings this build must not change by itself. */
  | 'stream_conflict'
  /** The broker lacks something Parley needs. */
  | 'unsupported_broker'
  /** A session that was to be stored is stored already. */
  | 'session_exists'
  /** A newer owner exists. */
  | 'fenced';

/** The error class of libs/bus. Match on `code`. */
export class BusError extends Error {
  override readonly name = 'BusError';

  constructor(
    readonly code: BusErrorCode,
    message: string,
    readonly retryable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
