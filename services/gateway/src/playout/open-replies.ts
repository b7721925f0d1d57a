import { ReplyVoice } from './reply-voice.js';

/** The voices of a session's replies that are not over, and which replies are. */
export class OpenReplies {
  readonly #voices = new Map<number, ReplyVoice>();
  /** Every reply up to here is over. */
  #overThrough = 0;
  /** Replies beyond that which are over as well: interrupted before their turn. */
  readonly #overAhead = new Set<number>();

  /** How many there are. */
  get size(): number {
    return this.#voices.size;
  }

  /** Samples that wait in them. */
  get bufferedSamples(): number {
    let samples = 0;
    for (const voice of this.#voices.values()) samples += voice.bufferedSamples;
    return samples;
  }

  /** Nothing of a reply will be played any more. */
  isOver(reply: number): boolean {
    return reply <= this.#overThrough || this.#overAhead.has(reply);
  }

  /** The voice of a reply that is not over; none has come of it when it is first asked for. */
  voiceOf(reply: number): ReplyVoice {
    let voice = this.#voices.get(reply);
    if (!voice) this.#voices.set(reply, (voice = new ReplyVoice(reply)));
    return voice;
  }

  /** The lowest is played, the others wait. */
  inOrder(): ReplyVoice[] {
    return [...this.#voices.values()].sort((a, b) => a.reply - b.reply);
  }

  /** These are over, before anything has come of them. */
  skip(replies: Iterable<number>): void {
    for (const reply of replies) this.#overAhead.add(reply);
  }

  /** Whatever is up to here, and has no voice, is over. */
  skipThrough(reply: number): void {
    this.#overThrough = Math.max(this.#overThrough, reply);
  }

  /** A reply is over, and with it whatever is lower and came to nothing. */
  close(reply: number): void {
    this.#voices.delete(reply);
    this.#overAhead.add(reply);
    const lowest = Math.min(...this.#voices.keys());
    for (const over of this.#overAhead) {
      if (over > lowest) continue;
      this.skipThrough(over);
      this.#overAhead.delete(over);
    }
  }
}
