import type { ParleyEvent } from '@parley/contracts';

/** A sentence that is to be spoken. */
export interface QueuedSentence {
  reply: number;
  sentence: number;
  spoken: string;
  /** Who says it; the agent itself when absent. */
  speaker?: string | undefined;
  /** Keys that the gateway sounds in its place. */
  digits?: string | undefined;
}

/** The next thing to do. */
export type SpeechTask =
  | ({ type: 'speak' } & QueuedSentence)
  /** Every sentence of the reply has been spoken and none will follow. */
  | { type: 'end'; reply: number; sentences: number };

/**
 * What is still to be said, from the events of the reply and of playout. Pure: the same events give the same tasks,
 * live or replayed. Only the newest reply is ever spoken; one that was interrupted or whose playout has ended is
 * over.
 */
export class ReplyQueue {
  private current = 0;
  private over = 0;
  private readonly sentences = new Map<number, QueuedSentence>();
  private next = 0;
  private total: number | undefined;
  private ended = false;

  /** The reply that is being spoken; 0 when there is none. */
  get reply(): number {
    return this.current > this.over ? this.current : 0;
  }

  /**
   * Takes an event.
   * @returns true when the reply that was being spoken must stop at once
   */
  accept(event: ParleyEvent): boolean {
    switch (event.type) {
      case 'reply.started': {
        const stopped = this.begin(event.reply);
        if (event.shown) this.finish(event.reply);
        return stopped;
      }
      case 'reply.sentence': {
        const stopped = this.begin(event.reply);
        if (event.reply === this.reply && event.sentence >= this.next) this.sentences.set(event.sentence, event);
        return stopped;
      }
      case 'reply.ended':
        if (event.reply === this.reply) this.total = event.sentences;
        return false;
      case 'reply.interrupted':
        return this.finish(event.reply);
      case 'playout.ended':
        return this.finish(event.reply);
      case 'playout.progress':
        // What has been heard need not be spoken again by a new owner.
        if (event.reply === this.reply && this.sentences.size > 0) this.skipTo(event.sentence);
        return false;
      case 'session.closed':
        return this.finish(this.current);
      default:
        return false;
    }
  }

  /** Takes the next task, in order; undefined while there is none. */
  take(): SpeechTask | undefined {
    if (this.reply === 0 || this.ended) return undefined;
    for (let sentence = this.sentences.get(this.next); sentence; sentence = this.sentences.get(this.next)) {
      this.sentences.delete(this.next);
      this.next++;
      if (sentence.digits !== undefined) continue;
      const { reply, sentence: ordinal, spoken, speaker } = sentence;
      return { type: 'speak', reply, sentence: ordinal, spoken, ...(speaker !== undefined && { speaker }) };
    }
    if (this.total === undefined || this.next < this.total) return undefined;
    this.ended = true;
    return { type: 'end', reply: this.current, sentences: this.total };
  }

  private begin(reply: number): boolean {
    if (reply <= this.current) return false;
    const stopped = this.reply !== 0;
    this.current = reply;
    this.sentences.clear();
    this.next = 0;
    this.total = undefined;
    this.ended = false;
    return stopped;
  }

  private finish(reply: number): boolean {
    const stopped = this.reply !== 0 && reply >= this.current;
    this.over = Math.max(this.over, reply);
    if (stopped) this.sentences.clear();
    return stopped;
  }

  private skipTo(sentence: number): void {
    for (; this.next < sentence; this.next++) this.sentences.delete(this.next);
  }
}
