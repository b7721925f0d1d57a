/** What a run must hold, whatever is done to the system. */
export const INVARIANTS = [
  'final_lost',
  'final_doubled',
  'final_changed',
  'reply_lost',
  'reply_doubled',
  'reply_changed',
  'reply_cut',
  'sentence_doubled',
  'voice_changed',
  'voice_missing',
  'voice_out_of_order',
  'sentence_heard_twice',
  'tool_lost',
  'tool_doubled',
  'history_changed',
  'event_lost',
  'event_doubled',
  'event_of_no_log',
  'foreign_words',
  'call_failed',
  'session_not_closed',
] as const;

/** Name of an invariant by how it is broken. */
export type Invariant = (typeof INVARIANTS)[number];

/** An invariant that does not hold for a call. */
export interface Finding {
  invariant: Invariant;
  call: number;
  sessionId: string;
  /** What was expected and what was there, in one sentence. */
  message: string;
}

/** A finding of a check, before it is known whose it is. */
export type CallFinding = Pick<Finding, 'invariant' | 'message'>;

/** Makes a finding. */
export function broken(invariant: Invariant, message: string): CallFinding {
  return { invariant, message };
}
