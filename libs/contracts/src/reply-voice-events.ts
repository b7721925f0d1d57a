import { z } from 'zod';
import { count, ms, ordinal, wordTimeSchema } from './payload-fields.js';

/** Payloads of the voice of a reply: when its words are said, and how far it has been played. */
export const replyVoicePayloads = {
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
} as const;
