import type { RawData, WebSocket } from 'ws';

/** What the session makes use of. */
const USED = new Set(['session_started', 'partial_transcript', 'committed_transcript', 'committed_transcript_with_timestamps']); // prettier-ignore
/** What is known and not needed: each is said again, or was not asked for. */
const KNOWN = new Set(['final_transcript', 'final_transcript_with_timestamps', 'committed_transcript_entities', 'edited_transcript', 'warning']); // prettier-ignore

/** What is told of messages that the client is not given. */
export interface GuardListener {
  onNonsense(cause: unknown): void;
  onUnknown(): void;
}

/**
 * Looks at each message before the provider's client does. The client parses it in the socket's listener, where nonsense
 * would end the process, and says nothing of what it does not know.
 */
export function guardMessages(socket: WebSocket, listener: GuardListener): void {
  const parsers = socket.listeners('message') as ((data: RawData, isBinary: boolean) => void)[];
  socket.removeAllListeners('message');
  socket.on('message', (data: RawData, isBinary: boolean) => {
    let message: unknown;
    try {
      message = JSON.parse((data as Buffer).toString());
    } catch (cause) {
      return listener.onNonsense(cause);
    }
    if (typeof message !== 'object' || message === null) return listener.onNonsense(undefined);
    const { message_type: type, error } = message as { message_type?: unknown; error?: unknown };
    if (typeof type === 'string' && (USED.has(type) || typeof error === 'string')) {
      for (const parse of parsers) parse.call(socket, data, isBinary);
    } else if (typeof type !== 'string' || !KNOWN.has(type)) listener.onUnknown();
  });
}
