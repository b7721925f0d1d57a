import type { ParleyEvent } from '@parley/contracts';
import type { Playout } from '../playout/playout.js';

/**
 * Tells a playout what an event means for the voice it plays.
 * @param isHeard the caller hears replies now, and does not only read them
 * @returns whether it means anything
 */
export function playReplyEvent(playout: Playout, event: ParleyEvent, isHeard: boolean): boolean {
  switch (event.type) {
    case 'reply.started':
      if (event.shown) playout.passOver(event.reply);
      else if (isHeard) playout.replyStarted(event.reply, event.turn);
      else playout.show(event.reply);
      return true;
    case 'reply.sentence':
      if (event.spoken.trim() === '') playout.unspoken(event.reply, event.sentence);
      else playout.replyContinues(event.reply);
      return true;
    case 'tool.called':
    case 'tool.returned':
      playout.replyContinues(event.reply);
      return true;
    case 'reply.ended':
      playout.replyEnded(event.reply, event.sentences, event.outcome);
      return true;
    case 'reply.interrupted':
      playout.replyInterrupted(event.reply);
      return true;
    default:
      return false;
  }
}
