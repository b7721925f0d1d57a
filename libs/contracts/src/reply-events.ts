import { z } from 'zod';
import { count, ms, ordinal } from './payload-fields.js';

/** What a reply is said for that no model makes. */
export const OCCASIONS = ['greeting', 'idle', 'goodbye', 'warning', 'voicemail', 'apology'] as const;
/** Why speech did not interrupt a reply. */
export const KEPT_CAUSES = ['backchannel', 'noise', 'echo', 'too_few_words', 'muted'] as const;
/** Why speech did not interrupt a reply. */
export type KeptCause = (typeof KEPT_CAUSES)[number];

/** Whether what was kept for this is no speech of the caller's. */
export function isNoise(cause: KeptCause): boolean {
  return cause === 'noise' || cause === 'echo';
}

/** Why an agent ends a session. */
export const END_REASONS = ['agent_ended', 'session_too_long', 'no_answer', 'voicemail', 'engine_failed'] as const;
/** One of {@link END_REASONS}. */
export type EndReason = (typeof END_REASONS)[number];

/** Payloads of what the agent answers, and what it does for that. */
export const replyPayloads = {
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
} as const;

/** Payloads of the text of a reply while the model writes it. */
export const replyTextPayloads = {
  /** Live only, on the text subject. */
  'text.delta': z.object({
    reply: ordinal,
    text: z.string(),
    /** Who says it, as in `reply.sentence`. */
    speaker: z.string().optional(),
  }),
} as const;
