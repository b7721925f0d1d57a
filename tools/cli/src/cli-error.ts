/** What the command exits with. */
export const EXIT = {
  /** Every turn was answered. */
  answered: 0,
  /** Something inside the command broke. */
  internal: 1,
  /** Wrong usage, or a file that cannot be used. */
  usage: 2,
  /** No session could be opened. */
  cannotConnect: 3,
  /** A turn got no reply. */
  noReply: 4,
  /** The session failed or was closed before its last turn was answered. */
  sessionClosed: 5,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;
/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The one error class of the command; shown as `error <code>: <message>`. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    /**
     * `usage`, `invalid_config`, `wav_unreadable`, `wav_invalid`, `wav_silent`, `file_unwritable`, `no_reply`,
     * `session_closed`, `interrupted`, or a code of the client or the gateway.
     */
    readonly code: string,
    message: string,
    readonly exitCode: ExitCode,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
