import type { ParleyClientError } from './client-error.js';

/**
 * Where a client is: `connecting > open > resuming > open ... > ending > closed`. Every state may go straight to
 * `closed`, from which nothing leads away. New states may come between `open` and `closed`: treat one you do not
 * know as not open.
 */
export type ClientState =
  /** Reaching the gateway and opening the session. */
  | { readonly name: 'connecting' }
  /** Audio and text are taken, and go to the gateway. */
  | { readonly name: 'open'; readonly sessionId: string }
  /** The connection is lost and a new one is sought. Audio and text are taken, and kept until there is one. */
  | { readonly name: 'resuming'; readonly sessionId: string }
  /** `end()` was asked for; the gateway has not closed the session yet. */
  | { readonly name: 'ending'; readonly sessionId: string }
  /** Over: by the gateway's reason, by `closed_by_client`, or by `error`. */
  | { readonly name: 'closed'; readonly reason: string; readonly error?: ParleyClientError };
