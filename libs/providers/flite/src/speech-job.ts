import type { WordTime } from '@parley/contracts';
import type { EngineError, SpeechChunk } from '@parley/ports';
import { SAMPLES_PER_MS, SilenceTrim } from './silence-trim.js';
import type { FliteVoice } from './speech-protocol.js';

/** One text on its way through the speech thread, and its samples on their way to one reader. */
export class SpeechJob implements AsyncIterable<SpeechChunk> {
  /** Shared with the speech thread. */
  readonly stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #trim = new SilenceTrim();
  #unread: SpeechChunk[] = [];
  #words: WordTime[] = [];
  #givenSamples = 0;
  #outcome: 'speaking' | 'spoken' | EngineError = 'speaking';
  #wake: (() => void) | undefined;

  constructor(
    readonly text: string,
    readonly voice: FliteVoice,
  ) {}

  /** Nobody waits for samples any more. */
  get over(): boolean {
    return this.#outcome !== 'speaking';
  }

  /** Takes the words, in ms since the first sample; before that one. */
  acceptWords(words: WordTime[]): void {
    this.#words = words;
  }

  /** Takes samples as they are spoken. */
  accept(pcm: Int16Array): void {
    if (!this.over) this.#give(this.#trim.accept(pcm));
  }

  /** Ends well: the reader gets what is left. */
  finish(): void {
    if (this.over) return;
    this.#give(this.#trim.finish());
    this.#outcome = 'spoken';
    this.#wake?.();
  }

  /** Ends with an error, unless all has been read: the reader throws it at once, and the speech thread stops. */
  fail(error: EngineError): void {
    if (typeof this.#outcome !== 'string') return;
    if (this.#outcome === 'spoken' && this.#unread.length === 0) return;
    this.#unread = [];
    this.#outcome = error;
    Atomics.store(this.stop, 0, 1);
    this.#wake?.();
  }

  /** Ends because the reader has left: the speech thread stops. */
  abandon(): void {
    Atomics.store(this.stop, 0, 1);
    this.#outcome = 'spoken';
    this.#unread = [];
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SpeechChunk, void, undefined> {
    for (;;) {
      if (typeof this.#outcome !== 'string') throw this.#outcome;
      const chunk = this.#unread.shift();
      if (chunk) yield chunk;
      else if (this.#outcome === 'spoken') return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #give(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    this.#givenSamples += pcm.length;
    this.#unread.push({ pcm, words: this.#begun() });
    this.#wake?.();
  }

  /** Words that begin in what was given since the last time. */
  #begun(): WordTime[] {
    const leftOutMs = this.#trim.leftOutSamples / SAMPLES_PER_MS;
    const givenMs = this.#givenSamples / SAMPLES_PER_MS;
    const later = this.#words.findIndex(({ startMs }) => startMs - leftOutMs >= givenMs);
    return this.#words.splice(0, later < 0 ? this.#words.length : later).map(({ word, startMs, endMs }) => ({
      word,
      startMs: Math.max(0, startMs - leftOutMs),
      endMs: Math.max(0, endMs - leftOutMs),
    }));
  }
}
