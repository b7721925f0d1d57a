import type { AudioFrame } from '@parley/contracts';
import { SentenceVoice } from './sentence-voice.js';

/** A piece of voice cut for the caller. */
export interface VoicePiece {
  sentence: number;
  /** Samples since the sentence began. */
  pts: number;
  pcm: Uint8Array;
}

/** How the agent ended a reply's text. */
export type ReplyOutcome = 'completed' | 'failed';

/** The voice of one reply: its sentences in order, none before the one ahead of it is complete. */
export class ReplyVoice {
  /** Ordinal of the user's turn that is answered, when known. */
  turn: number | undefined;
  /** How the text ended, when it has. */
  outcome: ReplyOutcome | undefined;
  readonly #sentences = new Map<number, SentenceVoice>();
  readonly #lengths = new Map<number, number>();
  #current = 0;
  /** How many sentences there are, by whichever of the agent and tts said the least. */
  #count = Infinity;
  #bufferedSamples = 0;

  constructor(readonly reply: number) {}

  /** Goes on in the middle: what is before a place was handed out elsewhere. To be called before anything else. */
  startAt(sentence: number, pts: number): void {
    this.#current = sentence;
    this.#sentences.set(sentence, new SentenceVoice(pts));
  }

  /** Samples that wait here. */
  get bufferedSamples(): number {
    return this.#bufferedSamples;
  }

  /** All that will ever come has been handed out. */
  get complete(): boolean {
    this.#settle();
    return this.#current >= this.#count;
  }

  /** The sentence being handed out misses samples where it should go on. */
  get atHole(): boolean {
    this.#settle();
    return this.#sentences.get(this.#current)?.atHole ?? false;
  }

  /** A sentence's length in samples, when all of it is known. */
  lengthOf(sentence: number): number | undefined {
    return this.#lengths.get(sentence) ?? this.#sentences.get(sentence)?.lengthSamples;
  }

  /**
   * Keeps what is new of a frame.
   * @param withPayload false takes only the frame's flags
   * @returns samples that were new
   */
  insert(frame: AudioFrame, withPayload: boolean): number {
    const { sentence, pts, payload } = frame;
    const ends = frame.lastOfSentence || frame.lastOfReply;
    let added = 0;
    if (sentence >= this.#current && sentence < this.#count) {
      const voice = this.#sentence(sentence);
      if (withPayload) added = voice.insert(pts, payload);
      if (ends) voice.finish(pts + payload.byteLength / 2);
    }
    if (frame.lastOfReply) this.#count = Math.min(this.#count, sentence + 1);
    this.#bufferedSamples += added;
    return added;
  }

  /** Says that a sentence has no voice. */
  unspoken(sentence: number): void {
    if (sentence >= this.#current) this.#sentence(sentence).finish(0);
  }

  /** Says that the text is over and how many sentences it has. */
  textEnded(sentences: number, outcome: ReplyOutcome): void {
    this.#count = Math.min(this.#count, sentences);
    this.outcome = outcome;
  }

  /**
   * Hands out the next piece.
   * @param wholeOnly gives no short piece unless the sentence ends or a hole follows
   */
  next(maxSamples: number, wholeOnly: boolean): VoicePiece | undefined {
    this.#settle();
    const piece = this.#sentences.get(this.#current)?.take(maxSamples, wholeOnly);
    if (!piece) return undefined;
    this.#bufferedSamples -= piece.pcm.byteLength / 2;
    return { sentence: this.#current, ...piece };
  }

  /**
   * Goes on after a hole in the sentence being handed out.
   * @returns samples that were passed over
   */
  skipHole(): number {
    this.#settle();
    return this.#sentences.get(this.#current)?.skipHole() ?? 0;
  }

  #settle(): void {
    for (; this.#current < this.#count; this.#current++) {
      const voice = this.#sentences.get(this.#current);
      if (!voice?.complete) return;
      this.#lengths.set(this.#current, voice.lengthSamples as number);
      this.#sentences.delete(this.#current);
    }
  }

  #sentence(ordinal: number): SentenceVoice {
    let voice = this.#sentences.get(ordinal);
    if (!voice) this.#sentences.set(ordinal, (voice = new SentenceVoice()));
    return voice;
  }
}
