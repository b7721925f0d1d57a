import type { ParleyEvent } from '@parley/contracts';
import type { SayCommand } from './occasions.js';
import { say } from './say.js';
import type { TurnState } from './turn-state.js';

/** What an agent says and does when its engines have failed, whichever they are. */
export interface ApologyPlan {
  /** Said when the caller was not understood or could not be answered. */
  text: string;
  /** After so many failures in a row the agent says `goodbye` and hangs up. */
  hangUpAfter: number;
  goodbye: string;
}

/** What the log says of failures. */
export interface Trouble {
  /** The caller was not understood or not answered, and nothing was said of it. */
  isOpen: boolean;
  /** Failures in a row, without an answer between them. */
  failures: number;
  /** The reply that was not spoken last, and how many in a row were not. */
  voiceless: { reply: number; inRow: number };
  /** The reply that is being made is no answer of the model's. */
  isByOccasion: boolean;
}

/** Before the first failure. */
export const NO_TROUBLE: Trouble = {
  isOpen: false,
  failures: 0,
  voiceless: { reply: 0, inRow: 0 },
  isByOccasion: false,
};

/** What is known of failures after an event. Pure. */
export function foldTrouble(trouble: Trouble, event: ParleyEvent): Trouble {
  switch (event.type) {
    case 'stage.failed':
      if (event.code !== 'engine_failed') return trouble;
      if (event.stage === 'stt') return failed(trouble);
      return event.stage === 'tts' && event.reply !== undefined ? unspoken(trouble, event.reply) : trouble;
    case 'reply.started':
      if (event.occasion === 'apology') return { ...trouble, isOpen: false, isByOccasion: true };
      return { ...trouble, isByOccasion: event.occasion !== undefined };
    case 'reply.ended':
      if (trouble.isByOccasion) return trouble;
      return event.outcome === 'failed' ? failed(trouble) : { ...trouble, isOpen: false, failures: 0 };
    default:
      return trouble;
  }
}

/** What is said or done because of failures. Pure. */
export function decideApology(state: TurnState, plan: ApologyPlan | false | undefined): SayCommand | undefined {
  if (!plan) return undefined;
  const { isOpen, failures, voiceless } = state.trouble;
  const isMute = voiceless.inRow >= plan.hangUpAfter;
  if (!isOpen && !isMute) return undefined;
  if (isMute || failures >= plan.hangUpAfter)
    return { ...say(state, 'apology', isMute ? '' : plan.goodbye), endReason: 'engine_failed' };
  return say(state, 'apology', plan.text);
}

function failed(trouble: Trouble): Trouble {
  // One that nothing was said of yet is the same to the caller.
  return trouble.isOpen ? trouble : { ...trouble, isOpen: true, failures: trouble.failures + 1 };
}

function unspoken(trouble: Trouble, reply: number): Trouble {
  const { voiceless } = trouble;
  if (reply <= voiceless.reply) return trouble;
  const inRow = reply === voiceless.reply + 1 ? voiceless.inRow + 1 : 1;
  return { ...trouble, voiceless: { reply, inRow } };
}
