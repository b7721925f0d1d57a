import { z } from 'zod';
import { count, ordinal } from './payload-fields.js';
import { sessionPolicySchema } from './session-policy.js';

/** Which side speaks or writes, and how it is answered. */
export const MODES = ['voice-to-voice', 'voice-to-text', 'text-to-voice', 'text-to-text'] as const;
/** One of {@link MODES}: input before `-to-`, output after. */
export type Mode = (typeof MODES)[number];

/** Who has called: the caller itself, or the agent, which the caller's side then has asked to speak. */
export const DIRECTIONS = ['incoming', 'outgoing'] as const;
/** One of {@link DIRECTIONS}. */
export type Direction = (typeof DIRECTIONS)[number];
/** Who answers an outgoing call. */
export const ANSWERERS = ['person', 'machine', 'nobody'] as const;
/** One of {@link ANSWERERS}. */
export type Answerer = (typeof ANSWERERS)[number];

/** Payloads of what becomes of a session, and what its caller does beside speaking. */
export const sessionPayloads = {
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
  /** The caller's connection is lost; the session waits for `session.resumed`, or is closed. */
  'session.suspended': z.object({ replica: z.string() }),
  /** A gateway has taken the session over: fences everything that an earlier gateway still writes. */
  'session.resumed': z.object({ replica: z.string() }),
  'session.closed': z.object({ reason: z.string(), message: z.string().optional() }),
} as const;
