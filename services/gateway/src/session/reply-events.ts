import { dtmfTones, pcmToBytes } from '@parley/audio';
import type { EventOf, ParleyEvent } from '@parley/contracts';
import type { Playout } from '../playout/playout.js';
import { VOICE_SAMPLE_RATE_HZ } from './session-settings.js';

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
      if (event.digits !== undefined) playKeys(playout, event, isHeard);
      else if (event.spoken.trim() === '') playout.unspoken(event.reply, event.sentence);
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

/** Keys sound as a sentence of the reply's voice: behind what was said before, once, and as far as they are not cut off. */
function playKeys(
  playout: Playout,
  { reply, sentence, digits = '' }: EventOf<'reply.sentence'>,
  isHeard: boolean,
): void {
  if (!isHeard) return playout.unspoken(reply, sentence);
  playout.frame({
    codec: 'pcm_s16le',
    sampleRateHz: VOICE_SAMPLE_RATE_HZ,
    epoch: 0,
    seq: 0,
    reply,
    sentence,
    pts: 0,
    lastOfSentence: true,
    lastOfReply: false,
    fence: false,
    payload: pcmToBytes(dtmfTones(digits, VOICE_SAMPLE_RATE_HZ)),
  });
}
