import { DEFAULT_POLICY, type Answerer } from '@parley/contracts';
import { answererSoFar, isUnanswered } from './callee.js';
import type { Due, InterruptCommand, OccasionPlan, RestCommand, SayCommand } from './occasions.js';
import { say, sayInAnswer } from './say.js';
import type { TurnState } from './turn-state.js';

/** How an agent calls somebody. */
export interface OutgoingPlan {
  /** How long the one who is called is let speak first. */
  listenMs: number;
  /** Nobody says anything for so long after that: the agent hangs up. */
  silenceMs: number;
  /** What is done when a machine answers. */
  voicemail: { do: 'hang_up' | 'leave_message' | 'ignore'; message?: string | undefined };
}

/** It is known who has answered. */
export interface AnsweredCommand {
  type: 'answered';
  by: Answerer;
}

/** How long final transcripts take, at most. */
const WORDS_MS = 600;
/** A message is left when a machine has been silent for so long: by then it records. */
const MACHINE_PAUSE_MS = 2000;
/** The same, where the end of the machine's turn is not told of. */
const UNENDED_TURN_MS = 5000;
/** A machine that is never silent is hung up on. */
const LONGEST_GREETING_MS = 120_000;

/** Who answers an outgoing call, as soon as what was said tells; undefined before, and when it stands in the log. Pure. */
export function decideAnswered({ phase, callee, open }: TurnState): AnsweredCommand | undefined {
  if (phase === 'ended' || !callee.isOutgoing || callee.answeredBy) return undefined;
  // Keys that were pressed are a turn too.
  const by = answererSoFar(callee) ?? (open.length > 0 ? 'person' : undefined);
  return by && { type: 'answered', by };
}

/** Whether whoever was called has said nothing yet. Pure. */
export function isWaitedFor({ callee }: TurnState): boolean {
  return callee.isOutgoing && isUnanswered(callee);
}

/** What is done when the one who was called says nothing: the greeting, and then the goodbye. Pure. */
export function ofNoAnswer(state: TurnState, { greeting, goodbye = '' }: OccasionPlan, plan: OutgoingPlan): Due[] {
  const { reply, callee, quiet, policy } = state;
  if (callee.isLeaving) return [];
  const { maxDelayMs } = (policy ?? DEFAULT_POLICY).endpointing;
  // What was heard may still become a turn.
  const knownMs = callee.heardMs > 0 ? quiet.sinceMs + maxDelayMs + WORDS_MS : 0;
  const listenedMs = quiet.openedMs + plan.listenMs;
  if (greeting !== undefined && reply === 0) {
    return [{ fromMs: Math.max(listenedMs, knownMs), command: say(state, 'greeting', greeting) }];
  }
  const fromMs = Math.max(Math.max(listenedMs, callee.waitedFromMs) + plan.silenceMs, knownMs);
  if (!callee.answeredBy) return [{ fromMs, command: { type: 'answered', by: 'nobody' } }];
  return [{ fromMs, command: { ...say(state, 'goodbye', goodbye), endReason: 'no_answer' } }];
}

/** Whether a machine has answered that is not spoken with as with a person. Pure. */
export function isLeftToMachine({ callee }: TurnState, plan: OutgoingPlan | undefined): boolean {
  return callee.answeredBy === 'machine' && plan !== undefined && plan.voicemail.do !== 'ignore';
}

/** Whether a model answers what is said now, as far as it is known. Pure. */
export function isForModel(state: TurnState, plan: OutgoingPlan | undefined): boolean {
  const { isOutgoing, answeredBy } = state.callee;
  return !isOutgoing || plan === undefined || (answeredBy !== undefined && !isLeftToMachine(state, plan));
}

/**
 * What is done while {@link isLeftToMachine}: the agent hangs up, or leaves its message behind the machine's greeting. Nothing
 * that the machine says is answered. Pure.
 */
export function decideForMachine(
  state: TurnState,
  { voicemail }: OutgoingPlan,
  nowMs: number,
): SayCommand | InterruptCommand | RestCommand | undefined {
  const { phase, active, callee, quiet } = state;
  if (phase === 'ended' || callee.isLeaving || quiet.isAway) return undefined;
  if (active) return { type: 'interrupt', reply: active.reply, cause: 'voicemail' };
  const leave = (script: string): SayCommand => ({
    ...sayInAnswer(state, 'voicemail', script),
    endReason: 'voicemail',
  });
  const lastMs = callee.answeredMs + LONGEST_GREETING_MS;
  if (voicemail.do === 'hang_up' || nowMs >= lastMs) return leave('');
  if (quiet.isSpeaking) return { type: 'rest', untilMs: lastMs };
  const dueMs = callee.heardMs + (callee.isMidTurn ? UNENDED_TURN_MS : MACHINE_PAUSE_MS);
  if (nowMs >= dueMs) return leave(voicemail.message ?? '');
  return { type: 'rest', untilMs: Math.min(dueMs, lastMs) };
}
