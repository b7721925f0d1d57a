import { z } from 'zod';
import { ANSWERERS, DIRECTIONS, MODES } from './session-events.js';

/** Largest binary frame a caller may send. */
export const MAX_CALLER_FRAME_BYTES = 65_536;
/** Largest JSON message a caller may send. */
export const MAX_CALLER_JSON_BYTES = 65_536;
/** Path of the raw WebSocket door. */
export const WS_PATH = '/ws';
/** Namespace of the socket.io door. */
export const VOICE_NAMESPACE = '/voice';

/** As JSON has it, or as a query has it. */
const flag = z.union([
  z.boolean(),
  z.enum(['0', '1', 'false', 'true']).transform((text) => text === '1' || text === 'true'),
]);

/** What a caller may ask for when a session opens; as query parameters of `/ws`, or as `session:start`'s argument. */
export const sessionRequestSchema = z.object({
  agent: z.string().min(1).max(64).optional(),
  mode: z.enum(MODES).default('voice-to-voice'),
  language: z.string().min(2).max(16).default('en'),
  /** Who has called. Of an outgoing call the caller's side here is the one that is called, and speaks first. */
  direction: z.enum(DIRECTIONS).default('incoming'),
  /** Length of the binary frames the caller wants to receive. */
  frameMs: z.coerce.number().int().min(10).max(200).default(20),
  /** The caller can resume: a draining gateway tells it to, instead of ending the session after a grace. */
  resumable: flag.optional(),
  /** The caller holds its speaker at `audio_pause`, and says with `played` where; otherwise it plays what it has. */
  pausable: flag.optional(),
});
/** What a caller asks for when a session opens. */
export type SessionRequest = z.input<typeof sessionRequestSchema>;

/** A place in the agent's voice: `<reply>.<sentence>.<pts>`. */
const voicePlace = z.string().regex(/^\d{1,10}\.\d{1,5}\.\d{1,10}$/, 'not reply.sentence.pts');
const samples = z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/**
 * What a caller says who comes back to its session, in the same place as a session request. All but the token is
 * optional: without it the gateway goes by the session's log.
 */
export const resumeRequestSchema = z.object({
  /** The newest `resumeToken` that the caller was given. */
  resume: z.string().min(1).max(256),
  /** The newest event told to the caller of each lane, as {@link SeenEvents} writes them. */
  seen: z.string().max(4096).optional(),
  /** One past the last sample of the agent's voice that the caller has got; its speaker may still play what it holds. */
  received: voicePlace.optional(),
  /** Samples of the caller's voice since the session began, those not yet on their way included. */
  sent: samples.optional(),
  /** The first sample of them that the caller can still send. */
  kept: samples.optional(),
  /** The former connection still serves the caller, who gets voice beyond `received` by it until this one has the session. */
  moving: flag.optional(),
  /** As in a session request. */
  pausable: flag.optional(),
});
/** What a caller says who comes back to its session. */
export type ResumeRequest = z.input<typeof resumeRequestSchema>;

/** JSON that a caller sends, on either door. Binary messages are PCM16 16 kHz mono, 10 to 200 ms each. */
export const callerMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    text: z.string().trim().min(1).max(8000),
    /** The caller's own id of this text: makes it safe to send again, as it then counts once. */
    id: z.string().min(1).max(64).optional(),
  }),
  z.object({ type: z.literal('mode'), mode: z.enum(MODES) }),
  /** The caller's turn is over, as with push to talk. */
  z.object({ type: z.literal('commit') }),
  z.object({ type: z.literal('dtmf'), digits: z.string().regex(/^[0-9A-D*#]{1,64}$/) }),
  /** Where the caller's speaker stands: `pts` samples of this sentence have been played. */
  z.object({
    type: z.literal('played'),
    reply: z.number().int().positive(),
    sentence: z.number().int().nonnegative(),
    pts: z.number().int().nonnegative(),
  }),
  z.object({ type: z.literal('end') }),
]);
/** JSON that a caller sends. */
export type CallerMessage = z.infer<typeof callerMessageSchema>;

const ordinal = z.number().int().positive();
const count = z.number().int().nonnegative();
const outcome = z.enum(['completed', 'interrupted', 'failed']);
const event = <T extends string, S extends z.core.$ZodLooseShape>(type: T, fields: S) =>
  z.object({ type: z.literal(type), ...fields });
/** An event that comes from the session's log carries the id of the log's event; the last, where several come from one. */
const logged = <T extends string, S extends z.core.$ZodLooseShape>(type: T, fields: S) =>
  event(type, { ...fields, id: z.string().optional() });

const sessionFields = {
  sessionId: z.string(),
  agent: z.string(),
  mode: z.string(),
  sampleRateHz: ordinal,
  frameMs: ordinal,
};
const resumeToken = z.string();
/** How long the session waits for a caller whose connection is lost. */
const resumeWindowMs = count;

/**
 * JSON that a caller receives, the same on both doors (as text on `/ws`, as `event` on socket.io).
 * A client ignores types and fields it does not know.
 */
export const edgeEventSchema = z.discriminatedUnion('type', [
  event('session_started', {
    ...sessionFields,
    resumeToken: resumeToken.optional(),
    resumeWindowMs: resumeWindowMs.optional(),
  }),
  event('session_resumed', { ...sessionFields, resumeToken, resumeWindowMs, receivedSamples: count }).describe(
    "The session goes on here. Send the caller's voice again from the sample receivedSamples.",
  ),
  event('session_moved', { reason: z.string() }).describe(
    'The session is to be resumed at another gateway, which this one waits for; it goes on here until then.',
  ),
  event('session_ended', { reason: z.string() }),
  logged('speech_started', { utterance: ordinal }),
  logged('speech_stopped', { utterance: ordinal }),
  logged('stt_chunk', { transcript: z.string(), stableChars: count, utterance: ordinal }).describe(
    'Interim transcript; its first stableChars characters will not change.',
  ),
  logged('stt_output', { transcript: z.string(), utterance: ordinal }).describe('Final transcript of one utterance.'),
  logged('turn_ended', { turn: ordinal, transcript: z.string(), eouDelayMs: z.number() }),
  logged('reply_started', { reply: ordinal, turn: count }),
  event('agent_chunk', { text: z.string(), reply: ordinal, speaker: z.string().optional() }).describe(
    'Text of the reply as it streams, as the model wrote it. Where one of several speakers begins it has `[name]: `, and `speaker` says whose it is.',
  ),
  logged('tool_call', {
    tool: z.string(),
    args: z.record(z.string(), z.unknown()),
    reply: ordinal,
    callId: z.string(),
  }),
  logged('tool_result', {
    tool: z.string(),
    result: z.unknown(),
    ok: z.boolean(),
    reply: ordinal,
    callId: z.string(),
  }).describe('Why a call failed is told to the model alone: the result is then only that it did.'),
  logged('agent_end', { reply: ordinal, turn: count, outcome, text: z.string() }).describe(
    "The reply's text is complete (or was interrupted, or failed); its voice may still be playing.",
  ),
  logged('playout_started', { reply: ordinal }).describe("The first frame of the reply's voice follows."),
  logged('playout_ended', { reply: ordinal, outcome }).describe(
    "The reply's voice is over as far as the gateway's clock knows.",
  ),
  event('audio_flush', { reply: ordinal }).describe(
    "Throw away whatever of the agent's voice is queued and not yet played.",
  ),
  event('audio_pause', { reply: ordinal }).describe(
    'Somebody speaks: hold the voice that is queued, until audio_resume or audio_flush. Only for a pausable caller.',
  ),
  event('audio_resume', { reply: ordinal }).describe('That was no interruption: go on playing where you stopped.'),
  logged('answered', { by: z.enum(ANSWERERS) }).describe(
    'Who has answered an outgoing call: told once, as soon as it is known.',
  ),
  event('mode_changed', { mode: z.enum(MODES) }),
  event('stage_restored', { stage: z.string() }),
  logged('error', { code: z.string(), message: z.string(), retryable: z.boolean(), stage: z.string().optional() }),
]);
/** JSON that a caller receives. */
export type EdgeEvent = z.infer<typeof edgeEventSchema>;

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
