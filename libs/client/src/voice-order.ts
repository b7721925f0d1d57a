import type { EdgeAudioInfo } from '@parley/contracts';
import type { AgentAudio } from './client-events.js';

/** Lets each sample of the agent's voice through once, by rising (reply, sentence, pts), whatever is sent again. */
export class VoiceOrder {
  #next: EdgeAudioInfo = { reply: 0, sentence: 0, pts: 0 };

  /** One past the last sample let through, as `reply.sentence.pts`. */
  get received(): string {
    const { reply, sentence, pts } = this.#next;
    return `${reply}.${sentence}.${pts}`;
  }

  /** @returns what of a frame is new; undefined when nothing is */
  admit({ info, pcm }: AgentAudio): AgentAudio | undefined {
    const { reply, sentence, pts } = info;
    const next = this.#next;
    const isOld = reply < next.reply || (reply === next.reply && sentence < next.sentence);
    if (isOld) return undefined;
    const isSame = reply === next.reply && sentence === next.sentence;
    const had = isSame ? Math.max(0, next.pts - pts) : 0;
    if (had >= pcm.length && had > 0) return undefined;
    this.#next = { reply, sentence, pts: pts + pcm.length };
    return had === 0 ? { info, pcm } : { info: { ...info, pts: pts + had }, pcm: pcm.subarray(had) };
  }
}
