import { z } from 'zod';
import { count, ordinal } from './payload-fields.js';

/** Payloads of how a replica of a stage has a session. */
export const stagePayloads = {
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
} as const;
