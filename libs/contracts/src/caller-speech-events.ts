import { z } from 'zod';
import { count, ms, ordinal, wordTimeSchema } from './payload-fields.js';

/** What ended a turn: silence, the engine's own decision, the caller's word, or a silence that nothing may outlast. */
export const TURN_END_CAUSES = ['silence', 'engine', 'caller', 'longest_silence'] as const;
/** One of {@link TURN_END_CAUSES}. */
export type TurnEndCause = (typeof TURN_END_CAUSES)[number];

/** Payloads of what the caller says, up to the end of its turn. */
export const callerSpeechPayloads = {
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
} as const;
