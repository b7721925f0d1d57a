import { z } from 'zod';
import { ContractError } from './contract-error.js';
import { SESSION_ID } from './session-id.js';
import { sessionPolicySchema } from './session-policy.js';
import { STAGES } from './stages.js';
import type { EventKind } from './subjects.js';

/** Which side speaks or writes, and how it is answered. */
export const MODES = ['voice-to-voice', 'voice-to-text', 'text-to-voice', 'text-to-text'] as const;
/** One of {@link MODES}: input before `-to-`, output after. */
export type Mode = (typeof MODES)[number];

/** What ended a turn: silence, the engine's own decision, the caller's word, or a silence that nothing may outlast. */
export const TURN_END_CAUSES = ['silence', 'engine', 'caller', 'longest_silence'] as const;
/** One of {@link TURN_END_CAUSES}. */
export type TurnEndCause = (typeof TURN_END_CAUSES)[number];
/** Who has called: the caller itself, or the agent, which the caller's side then has asked to speak. */
export const DIRECTIONS = ['incoming', 'outgoing'] as const;
/** One of {@link DIRECTIONS}. */
export type Direction = (typeof DIRECTIONS)[number];
/** Who answers an outgoing call. */
export const ANSWERERS = ['person', 'machine', 'nobody'] as const;
/** One of {@link ANSWERERS}. */
export type Answerer = (typeof ANSWERERS)[number];

/** What a reply is said for that no model makes. */
export const OCCASIONS = ['greeting', 'idle', 'goodbye', 'warning', 'voicemail'] as const;
/** Why speech did not interrupt a reply. */
export const KEPT_CAUSES = ['backchannel', 'noise', 'echo', 'too_few_words', 'muted'] as const;
/** Why speech did not interrupt a reply. */
export type KeptCause = (typeof KEPT_CAUSES)[number];

/** Whether what was kept for this is no speech of the caller's. */
export function isNoise(cause: KeptCause): boolean {
  return cause === 'noise' || cause === 'echo';
}

/** Why an agent ends a session. */
export const END_REASONS = ['agent_ended', 'session_too_long', 'no_answer', 'voicemail'] as const;
/** One of {@link END_REASONS}. */
export type EndReason = (typeof END_REASONS)[number];

const count = z.number().int().nonnegative();
const ordinal = z.number().int().positive();
const ms = z.number().nonnegative();

/** What every event carries. */
export const envelopeSchema = z.object({
  /** Unique and deterministic: `<kind>.<stage>.<epoch>.<seq>` within the session, so that a retry keeps it. */
  id: z.string().min(1),
  type: z.string().min(1),
  sessionId: z.string().regex(SESSION_ID, 'not a session id'),
  /** Counts up by one per (session, kind, stage, epoch), from 1. */
  seq: ordinal,
  /** The writing owner's epoch; readers ignore events of a lower one than they have seen for the stage. */
  epoch: ordinal,
  stage: z.enum(STAGES),
  /** Publisher's wall clock, in ms since 1970. */
  at: z.number().int().positive(),
});

/** Time of one word within its utterance or sentence. */
export const wordTimeSchema = z.object({ word: z.string(), startMs: ms, endMs: ms });
/** Time of one word. */
export type WordTime = z.infer<typeof wordTimeSchema>;

/** Payload of each event, by type. Unknown fields are ignored by readers; a new optional field is no new version. */
export const payloadSchemas = {
  'session.opened': z.object({
    agent: z.string().min(1),
    mode: z.enum(MODES),
    language: z.string().min(2),
    /** Who has called; `incoming` without. */
    direction: z.enum(DIRECTIONS).optional(),
    /** Caller's voice as it stands in audio.in frames. */
    inputSampleRateHz: ordinal,
    /** Agent's voice as tts is to publish it. */
    outputSampleRateHz: ordinal,
    outputFrameMs: ordinal,
    door: z.string(),
    /** SHA-256, hex, of the secret in the caller's resume token: whoever reads the log can check a token. */
    resumeKeyHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  /** Written by the agent stage, once, when it has the session first: how the session's agent takes turns and speaks. */
  'session.policy': sessionPolicySchema,
  /** Written by the agent stage, once in an outgoing call, as soon as it is known. */
  'session.answered': z.object({ by: z.enum(ANSWERERS) }),
  /** The caller has switched; replies that begin from now on are for the new mode. */
  'session.mode': z.object({
    mode: z.enum(MODES),
    /** Where the caller's voice stood, in samples since the session began: later voice is the new mode's. */
    pts: count.optional(),
  }),
  /** The caller says that its turn is over, as with push to talk. */
  'session.commit': z.object({
    /** Where the caller's voice stood, in samples since the session began: what was said up to there is the turn. */
    pts: count,
  }),
  'session.text': z.object({
    text: z.string().min(1),
    /** The caller's own id of the text: one that is stored already is not stored again. */
    messageId: z.string().optional(),
  }),
  'session.dtmf': z.object({ digits: z.string().regex(/^[0-9A-D*#]+$/) }),
  /** A gateway has taken the session over: fences everything that an earlier gateway still writes. */
  /** The caller's connection is lost; the session waits for `session.resumed`, or is closed. */
  'session.suspended': z.object({ replica: z.string() }),
  'session.resumed': z.object({ replica: z.string() }),
  'session.closed': z.object({ reason: z.string(), message: z.string().optional() }),

  'stage.claimed': z.object({ replica: z.string(), deliveries: ordinal }),
  /** The owner has lived with the session long enough: a later crash is not blamed on how it began. */
  'stage.settled': z.object({ replica: z.string() }),
  'stage.released': z.object({ replica: z.string(), reason: z.string() }),
  'stage.failed': z.object({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    turn: count.optional(),
    reply: count.optional(),
  }),

  'speech.started': z.object({
    utterance: ordinal,
    pts: count,
    /** The silence after which it is told to have stopped. */
    stopsAfterMs: ms.optional(),
  }),
  'speech.stopped': z.object({ utterance: ordinal, pts: count, durationMs: ms }),

  'transcript.interim': z.object({
    utterance: ordinal,
    text: z.string(),
    /** How many leading characters of `text` will not change any more. */
    stableChars: count,
  }),
  'transcript.final': z.object({
    utterance: ordinal,
    text: z.string(),
    /** Where the speech began, in samples since the session began. */
    startPts: count.optional(),
    /** Where the audio of this utterance ends, in samples since the session began. */
    endPts: count,
    audioMs: ms,
    confidence: z.number().min(0).max(1).optional(),
    words: z.array(wordTimeSchema).optional(),
    engine: z.string(),
    /** From the end of the audio to this transcript, as the stage saw it. */
    transcriptionMs: ms,
  }),
  'turn.ended': z.object({
    turn: ordinal,
    text: z.string(),
    /** End-of-utterance delay: from VAD speech end to this decision. */
    eouDelayMs: ms,
    endPts: count,
    /** What decided it. */
    cause: z.enum(TURN_END_CAUSES).optional(),
    /** Its last utterance: finals of a later one are the next turn's, also when they stand before this event. */
    utterance: ordinal.optional(),
  }),

  'reply.started': z.object({
    reply: ordinal,
    /** Ordinal of the user's turn in the session as the agent counts them, voice and text; the last one's for an occasion. */
    turn: count,
    /** What the user said or wrote; empty for an occasion that answers no turn. */
    userText: z.string(),
    /** Ids of the events answered, so that a new owner knows what is still open. */
    answers: z.array(z.string()),
    /** What it is said for, when no model makes it. */
    occasion: z.enum(OCCASIONS).optional(),
    /** What is said word for word, where no model makes it: whoever finishes the reply says the same. */
    script: z.string().optional(),
    /** It is read and not heard, because the mode's output was text when it began: no voice is made of it or waited for. */
    shown: z.boolean().optional(),
  }),
  'reply.sentence': z.object({
    reply: ordinal,
    sentence: count,
    /** As the model wrote it, `[name]: ` included where somebody begins to speak: for history and display. */
    text: z.string(),
    /** As it is to be spoken: no markdown, emoji or URL syntax. Empty when nothing in it can be said. */
    spoken: z.string(),
    /** Who says it, of the policy's `speakers`; the agent's own voice without. */
    speaker: z.string().optional(),
    /** Keys of a telephone that sound in its place; its text is empty then. */
    digits: z
      .string()
      .regex(/^[0-9A-D*#]{1,64}$/)
      .optional(),
    /** False: the caller cannot interrupt while it is played. */
    interruptible: z.boolean().optional(),
  }),
  'tool.called': z.object({
    reply: ordinal,
    callId: z.string(),
    tool: z.string(),
    args: z.record(z.string(), z.unknown()),
  }),
  'tool.returned': z.object({
    reply: ordinal,
    callId: z.string(),
    tool: z.string(),
    ok: z.boolean(),
    result: z.unknown(),
    /** The agent's session state after the call; absent when the tool left it alone. */
    state: z.unknown().optional(),
    durationMs: ms,
  }),
  'reply.interrupted': z.object({ reply: ordinal, cause: z.string(), sentences: count }),
  /** Speech during the reply was no interruption: a paused playout goes on. */
  'reply.kept': z.object({
    reply: ordinal,
    cause: z.enum(KEPT_CAUSES),
    /** The newest utterance that is judged by this; 0 when there was none but that of the turns. */
    utterance: count,
    /** Ids of `turn.ended` events that need no answer. */
    unanswered: z.array(z.string()),
  }),
  'reply.ended': z.object({
    reply: ordinal,
    turn: count,
    outcome: z.enum(['completed', 'failed']),
    /** How many sentences the reply has; tts and gateway end the reply after the last one. */
    sentences: count,
    text: z.string(),
    /** Time to first token, from the end of the turn as the agent saw it. */
    ttftMs: ms.optional(),
    durationMs: ms,
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    /** The agent hangs up: the gateway ends the session when the reply has been played. */
    hangUp: z.boolean().optional(),
    /** The reason that the session then ends with; `agent_ended` without. */
    endReason: z.enum(END_REASONS).optional(),
  }),

  /** The model is shown this text instead of the turns up to a reply. */
  'history.summarised': z.object({ through: ordinal, text: z.string() }),

  /** When words of a sentence begin and end in its voice, from an engine that tells: several of a sentence may come. */
  'synthesis.words': z.object({
    reply: ordinal,
    sentence: count,
    /** How many words of the sentence come before these; what was told from there on is told anew. */
    first: count,
    /** In the order in which they stand in the sentence's `spoken`, in ms since its voice began. */
    words: z.array(wordTimeSchema).min(1),
  }),

  'playout.started': z.object({ reply: ordinal, turn: count.optional() }),
  'playout.progress': z.object({
    reply: ordinal,
    sentence: count,
    playedMs: ms,
    /** Length of that sentence's voice, when all of it has arrived. */
    sentenceMs: ms.optional(),
  }),
  'playout.paused': z.object({ reply: ordinal, sentence: count, playedMs: ms }),
  'playout.resumed': z.object({ reply: ordinal, sentence: count, playedMs: ms }),
  'playout.ended': z.object({
    reply: ordinal,
    outcome: z.enum(['completed', 'interrupted', 'failed']),
    /** The sentence that was being played last, and how much of it was. */
    sentence: count,
    playedMs: ms,
    /** Length of that sentence's voice, when all of it had arrived. */
    sentenceMs: ms.optional(),
    totalMs: ms,
    /** The caller has switched to text and reads on: history keeps all of the reply, and its text goes on. */
    shown: z.boolean().optional(),
  }),

  /** Live only, on the text subject. */
  'text.delta': z.object({
    reply: ordinal,
    text: z.string(),
    /** Who says it, as in `reply.sentence`. */
    speaker: z.string().optional(),
  }),
} as const;

/** Type of an event. */
export type EventType = keyof typeof payloadSchemas;
/** What an event of type T carries beside the envelope. */
export type Payload<T extends EventType> = z.infer<(typeof payloadSchemas)[T]>;
/** An event of type T as it stands on the bus. */
export type EventOf<T extends EventType> = T extends EventType
  ? Omit<z.infer<typeof envelopeSchema>, 'type'> & { type: T } & Payload<T>
  : never;
/** Any event of the contract. */
export type ParleyEvent = EventOf<EventType>;

/** Of types that are not named after their kind. */
const KIND_OF_ROOT: Record<string, EventKind> = { tool: 'reply', history: 'reply', turn: 'transcript' };

const KINDS: Record<EventType, EventKind | 'text'> = Object.fromEntries(
  (Object.keys(payloadSchemas) as EventType[]).map((type) => {
    const root = type.split('.')[0] as string;
    return [type, KIND_OF_ROOT[root] ?? root];
  }),
) as Record<EventType, EventKind | 'text'>;

/** The kind of subject that events of this type are published on. */
export function kindOf(type: EventType): EventKind | 'text' {
  return KINDS[type];
}

const schemas = new Map<string, z.ZodType>(
  Object.entries(payloadSchemas).map(([type, payload]) => [type, envelopeSchema.extend(payload.shape)]),
);

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads an event from the bus. Unknown fields are dropped.
 * @returns undefined for a type this build does not know, which readers must pass over
 * @throws {ContractError} `invalid_event` for bytes that are no JSON object, or a known type with wrong fields
 */
export function decodeEvent(bytes: Uint8Array): ParleyEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new ContractError('invalid_event', 'an event is one JSON object in UTF-8', { cause });
  }
  const type = (json as { type?: unknown } | null)?.type;
  if (typeof type !== 'string') throw new ContractError('invalid_event', 'an event has a type');
  const schema = schemas.get(type);
  if (!schema) return undefined;
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new ContractError('invalid_event', `${type}: ${where}`);
  }
  return parsed.data as ParleyEvent;
}

/** Writes an event as UTF-8 JSON. Whoever builds one is checked by its type, so it is not validated again. */
export function encodeEvent(event: ParleyEvent): Uint8Array {
  return Buffer.from(JSON.stringify(event));
}

/** Narrows an event to one type. */
export function isEvent<T extends EventType>(event: ParleyEvent, type: T): event is EventOf<T> {
  return event.type === type;
}
