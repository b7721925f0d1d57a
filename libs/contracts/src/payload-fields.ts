import { z } from 'zod';

/** How many, or which of them from 0. */
export const count = z.number().int().nonnegative();
/** Which of them, from 1. */
export const ordinal = z.number().int().positive();
/** A time, in ms. */
export const ms = z.number().nonnegative();

/** Time of one word within its utterance or sentence. */
export const wordTimeSchema = z.object({ word: z.string(), startMs: ms, endMs: ms });
/** Time of one word. */
export type WordTime = z.infer<typeof wordTimeSchema>;
