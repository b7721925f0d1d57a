import { decideOccasion, type OccasionPlan, type SayCommand, type RestCommand } from './occasions.js';
import { decideAnswered, decideForMachine, isLeftToMachine, type AnsweredCommand } from './outgoing.js';
import { turnsOfKeys } from './pressed-keys.js';
import { decideTurn, type TurnCommand } from './turn-decision.js';
import type { TurnState } from './turn-state.js';

/** What of an agent decides what is done next. */
export interface AgentPlan extends OccasionPlan {
  /** What keys that the caller presses are. @defaultValue 'turns' */
  dtmf?: 'turns' | 'ignore' | undefined;
}

/** What is to be done next. */
export type NextCommand = TurnCommand | SayCommand | AnsweredCommand | RestCommand;

/**
 * What follows from the state at a time: from what was said, from keys that were pressed, and from what the agent says by
 * itself. Undefined when only an event can change anything. Pure.
 */
export function decideNext(state: TurnState, plan: AgentPlan, nowMs: number): NextCommand | undefined {
  const keys = turnsOfKeys(plan.dtmf === 'ignore' ? [] : state.keys, nowMs);
  const whole = keys.turns.length > 0 ? { ...state, open: [...state.open, ...keys.turns] } : state;
  const answered = plan.outgoing && decideAnswered(whole);
  if (answered) return answered;
  if (plan.outgoing && isLeftToMachine(whole, plan.outgoing)) return decideForMachine(whole, plan.outgoing, nowMs);
  const occasion = decideOccasion(whole, plan, nowMs);
  if (occasion && occasion.type !== 'rest') return occasion;
  const turn = decideTurn(whole);
  if (turn) return turn;
  if (keys.dueMs === undefined) return occasion;
  return { type: 'rest', untilMs: Math.min(keys.dueMs, occasion?.untilMs ?? Infinity) };
}
