import { HANG_UP_TOOL, type AgentBehaviour } from '@parley/ports';
import {
  goodbyeReason,
  turnOf,
  type EndReason,
  type Occasion,
  type SayCommand,
  type StartCommand,
  type TurnState,
} from '@parley/session-log';
import type { BegunCall } from './conversation-run.js';
import type { PublishedText } from './reply-run.js';

/** What an owner has done of a reply that the next one is to finish. */
export interface BegunReply {
  published: PublishedText;
  /** Calls that were begun and of which nobody knows what became. */
  begunCalls: BegunCall[];
  hasHungUp: boolean;
}

/** How a reply is finished: said, from a sentence on, or made again. */
export type UnfinishedReply = { command: SayCommand; sentences: number } | { command: StartCommand; begun: BegunReply };

/**
 * The reply of an owner before whose text is not complete. It is made again under the same number: tools that have
 * returned are not called again, and sentences that were published are not published again. Pure.
 */
export function unfinishedReply(
  state: TurnState,
  behaviour: AgentBehaviour,
  nowMs: number,
): UnfinishedReply | undefined {
  const { active, turn: ordinal } = state;
  const turn = active && turnOf(state, active.reply);
  if (!turn || active.textDone) return undefined;
  const { reply, userText, occasion, script, sentences, toolCalls } = turn;
  if (occasion && script !== undefined) {
    const isApology = occasion === 'apology' && behaviour.apology && script === behaviour.apology.text;
    const endReason = isApology ? undefined : endReasonOf(occasion, state, behaviour, nowMs);
    const say: SayCommand = { type: 'say', occasion, reply, turn: ordinal, script, userText, answers: [] };
    return { command: { ...say, ...(endReason && { endReason }) }, sentences: sentences.length };
  }
  const begun = {
    published: { sentences, before: turn.sentencesBeforeTool },
    begunCalls: toolCalls.filter(({ returned }) => !returned),
    hasHungUp: toolCalls.some(({ tool, returned }) => tool === HANG_UP_TOOL && returned?.ok === true),
  };
  return { command: { type: 'start', reply, turn: ordinal, userText, answers: [] }, begun };
}

/** Why the session ends with a reply that is said for this; undefined when it goes on. */
function endReasonOf(
  occasion: Occasion,
  state: TurnState,
  behaviour: AgentBehaviour,
  nowMs: number,
): EndReason | undefined {
  if (occasion === 'voicemail') return 'voicemail';
  if (occasion === 'apology') return 'engine_failed';
  return occasion === 'goodbye' ? goodbyeReason(state, behaviour, nowMs) : undefined;
}
