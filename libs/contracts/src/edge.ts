import { z } from 'zod';
import { MODES } from './events.js';

/** Largest binary frame a caller may send. */
export const MAX_CALLER_FRAME_BYTES = 65_536;
/** Largest JSON message a caller may send. */
export const MAX_CALLER_JSON_BYTES = 65_536;
/** Path of the raw WebSocket door. */
export const WS_PATH = '/ws';
/** Namespace of the socket.io door. */
export const VOICE_NAMESPACE = '/voice';

/** What a caller may ask for when a session opens; as query parameters of `/ws`, or as `session:start`'s argument. */
export const sessionRequestSchema = z.object({
  agent: z.string().min(1).max(64).optional(),
  mode: z.enum(MODES).default('voice-to-voice'),
  language: z.string().min(2).max(16).default('en'),
  /** Length of the binary frames the caller wants to receive. */
  frameMs: z.coerce.number().int().min(10).max(200).default(20),
});
/** What a caller asks for when a session opens. */
export type SessionRequest = z.input<typeof sessionRequestSchema>;

/** JSON that a caller sends, on either door. Binary messages are PCM16 16 kHz mono, 10 to 200 ms each. */
export const callerMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string().trim().min(1).max(8000) }),
  z.object({ type: z.literal('end') }),
]);
/** JSON that a caller sends. */
export type CallerMessage = z.infer<typeof callerMessageSchema>;

/**
 * JSON that a caller receives, the same on both doors (as text on `/ws`, as `event` on socket.io).
 * A client ignores types and fields it does not know.
 */
export type EdgeEvent =
  | { type: 'session_started'; sessionId: string; agent: string; mode: string; sampleRateHz: number; frameMs: number }
  | { type: 'session_ended'; reason: string }
  | { type: 'speech_started'; utterance: number }
  | { type: 'speech_stopped'; utterance: number }
  /** Interim transcript; its first `stableChars` characters will not change. */
  | { type: 'stt_chunk'; transcript: string; stableChars: number; utterance: number }
  /** Final transcript of one utterance. */
  | { type: 'stt_output'; transcript: string; utterance: number }
  | { type: 'turn_ended'; turn: number; transcript: string; eouDelayMs: number }
  | { type: 'reply_started'; reply: number; turn: number }
  /** Text of the reply as it streams. */
  | { type: 'agent_chunk'; text: string; reply: number }
  | { type: 'tool_call'; tool: string; args: Record<string, unknown>; reply: number; callId: string }
  | { type: 'tool_result'; tool: string; result: unknown; ok: boolean; reply: number; callId: string }
  /** The reply's text is complete (or was interrupted, or failed); its voice may still be playing. */
  | { type: 'agent_end'; reply: number; turn: number; outcome: 'completed' | 'interrupted' | 'failed'; text: string }
  /** The first frame of the reply's voice follows. */
  | { type: 'playout_started'; reply: number }
  /** The reply's voice is over as far as the gateway's clock knows. */
  | { type: 'playout_ended'; reply: number; outcome: 'completed' | 'interrupted' | 'failed' }
  /** Throw away whatever of the agent's voice is queued and not yet played. */
  | { type: 'audio_flush'; reply: number }
  | { type: 'stage_restored'; stage: string }
  | { type: 'error'; code: string; message: string; retryable: boolean; stage?: string };

/** Type of an {@link EdgeEvent}. */
export type EdgeEventType = EdgeEvent['type'];

/** What stands beside each binary frame on the socket.io door's `audio` event: which part of which reply it is. */
export interface EdgeAudioInfo {
  reply: number;
  sentence: number;
  /** Samples since the sentence began. */
  pts: number;
}

/** Answer to `session:start` and to `text` on the socket.io door. */
export type EdgeAck = { ok: true; sessionId: string } | { ok: false; code: string; message: string };
