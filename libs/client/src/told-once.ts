import { SeenEvents, type EdgeEvent } from '@parley/contracts';
import type { AgentAudio } from './client-events.js';
import { VoiceOrder } from './voice-order.js';

/** Passes over what the caller has been told before, whichever gateway tells it again. One per session. */
export class ToldOnce {
  readonly #seen = new SeenEvents();
  readonly #voice = new VoiceOrder();
  /** Replies whose voice was told to be over. */
  readonly #endedReplies = new Set<number>();
  #duplicateEvents = 0;
  #duplicateSamples = 0;

  /** What was passed over since the session began. */
  get counters(): { duplicateEvents: number; duplicateSamples: number } {
    return { duplicateEvents: this.#duplicateEvents, duplicateSamples: this.#duplicateSamples };
  }

  /** What a gateway that takes the session over is told of it. */
  get known(): { seen: string; received: string } {
    return { seen: this.#seen.encode(), received: this.#voice.received };
  }

  /** @returns false for an event that was told before, which is counted */
  isNew(event: EdgeEvent): boolean {
    // Both gateways of a session that moves may see a reply's voice end.
    const isToldAlready = event.type === 'playout_ended' && this.#endedReplies.has(event.reply);
    if (event.type === 'playout_ended') this.#endedReplies.add(event.reply);
    const isSeen = 'id' in event && typeof event.id === 'string' && !this.#seen.add(event.id);
    if (!isSeen && !isToldAlready) return true;
    this.#duplicateEvents++;
    return false;
  }

  /** @returns what of a frame is new, with the rest counted; undefined when nothing is */
  admit(audio: AgentAudio): AgentAudio | undefined {
    const fresh = this.#voice.admit(audio);
    this.#duplicateSamples += audio.pcm.length - (fresh?.pcm.length ?? 0);
    return fresh;
  }
}
