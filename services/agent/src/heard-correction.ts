import type { ParleyEvent } from '@parley/contracts';
import { turnOf, type HistoryTurn, type TurnState } from '@parley/session-log';

/**
 * The reply of which an event from outside tells how much of it was heard in the end, other than the model's history
 * may have it; undefined for every other event. Pure. Word times may come when that was told already.
 */
export function heardCorrection(before: TurnState, after: TurnState, event: ParleyEvent): HistoryTurn | undefined {
  if (event.type !== 'playout.ended' && event.type !== 'synthesis.words') return undefined;
  const was = turnOf(before, event.reply);
  const turn = turnOf(after, event.reply);
  if (event.type === 'synthesis.words')
    return turn?.interrupted && turn.replyText !== was?.replyText ? turn : undefined;
  return was?.interrupted || (event.outcome !== 'completed' && !event.shown) ? turn : undefined;
}
