import { z } from 'zod';
import { CLAIMED_STAGES, STAGES } from './stages.js';
import { SESSION_ID } from './session-id.js';

/** The work-queue message that offers a session to a stage. Whoever holds it unacknowledged owns the session. */
export const claimSchema = z.object({
  sessionId: z.string().regex(SESSION_ID, 'not a session id'),
  stage: z.enum(CLAIMED_STAGES),
  /** The gateway replica that holds the caller. */
  gateway: z.string(),
  /** When the session was opened, in ms since 1970. */
  openedAt: z.number().int().positive(),
});
/** A session offered to a stage. */
export type Claim = z.infer<typeof claimSchema>;

/** Value of the key `<stage>.<sessionId>` in the bucket `parley-owners`; the key's revision is the epoch. */
export const ownerRecordSchema = z.object({
  replica: z.string(),
  at: z.number().int().positive(),
});
/** Who owns a session for a stage. */
export type OwnerRecord = z.infer<typeof ownerRecordSchema>;

/** Heartbeat of a replica on its presence subject. */
export const presenceSchema = z.object({
  stage: z.enum(STAGES),
  replica: z.string(),
  state: z.enum(['starting', 'running', 'draining', 'stopped']),
  sessions: z.number().int().nonnegative(),
  capacity: z.number().int().nonnegative(),
  at: z.number().int().positive(),
});
/** What a replica says of itself. */
export type Presence = z.infer<typeof presenceSchema>;
