import type { EdgeAudioInfo, EdgeEvent } from '@parley/contracts';

/** Something that happened in a conversation, with its time on the command's clock. */
export type ConversationItem = { atMs: number } &
  /** The caller begins to speak a WAV, or has written a line; `label` is the file's name or the line. */
  (
    | { kind: 'turn_opened'; label: string }
    /** The caller's real speech is over, at `atMs`; for a text, when it was sent. */
    | { kind: 'caller_done' }
    | { kind: 'event'; event: EdgeEvent }
    /** The connection to the gateway is lost, and another is sought. */
    | { kind: 'connection_lost' }
    /** The session goes on over a new connection, so long after. */
    | { kind: 'connection_resumed'; afterMs: number }
    /** A frame of the agent's voice arrived. */
    | { kind: 'audio'; info: EdgeAudioInfo; samples: number; durationMs: number }
  );
