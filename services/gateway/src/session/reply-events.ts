import type { ParleyEvent } from '@parley/contracts';
import type { Playout } from '../playout/playout.js';

/**
 * Tells a playout what an event means for the voice it plays.
 * @returns whether it means anything
 */
export function playReplyEvent(playout: Playout, event: ParleyEvent): boolean {
  switch (event.type) {
    case 'reply.started':
      playout.replyStarted(event.reply, event.turn);
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
