import type { Payload } from '@parley/contracts';
import type { TurnState } from './turn-state.js';

/** What a reply is said for that answers no turn. */
export type Occasion = NonNullable<Payload<'reply.started'>['occasion']>;

/** What an agent says by itself. */
export interface OccasionPlan {
  greeting?: string | undefined;
}

/** A reply that no model makes. */
export interface SayCommand {
  type: 'say';
  occasion: Occasion;
  reply: number;
  turn: number;
  /** Word for word. */
  script: string;
}

/**
 * What is to be said unasked; undefined when there is nothing. Pure: of the log's fold and the agent alone, so that an
 * owner that takes over says what the one before would have said, and nothing again.
 */
export function decideOccasion(state: TurnState, plan: OccasionPlan): SayCommand | undefined {
  const { phase, reply, active } = state;
  if (phase === 'ended' || phase === 'opening' || active) return undefined;
  if (plan.greeting !== undefined && reply === 0) return say(state, 'greeting', plan.greeting);
  return undefined;
}

function say({ reply, turn }: TurnState, occasion: Occasion, script: string): SayCommand {
  return { type: 'say', occasion, reply: reply + 1, turn, script };
}
