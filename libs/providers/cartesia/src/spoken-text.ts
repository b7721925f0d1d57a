import type { WordTime } from '@parley/contracts';
import { EngineError, type SpeechChunk } from '@parley/ports';

/** Voice that may wait to be read; a socket cannot be told to wait for one text. */
const MAX_UNREAD_MS = 120_000;
const BYTES_PER_SAMPLE = 2;

/** One text's voice on its way from a connection to its one reader. */
export class SpokenText implements AsyncIterable<SpeechChunk> {
  #outcome: 'speaking' | 'spoken' | EngineError = 'speaking';
  #unread: SpeechChunk[] = [];
  #unreadSamples = 0;
  #samples = 0;
  /** The end of what came: half a sample, or one whole, so that words that come last have a chunk to come with. */
  #held = Buffer.alloc(0);
  #words: WordTime[] = [];
  #wordsEndMs = 0;
  #wake: (() => void) | undefined;

  /** @param answerTimeoutMs longest wait for a chunk while somebody reads */
  constructor(
    readonly sampleRateHz: number,
    private readonly answerTimeoutMs: number,
  ) {}

  /** What went wrong, if anything. */
  get error(): EngineError | undefined {
    return typeof this.#outcome === 'string' ? undefined : this.#outcome;
  }

  /** Takes bytes of 16-bit samples, cut anywhere. */
  acceptAudio(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#held, bytes]);
    const length = Math.max(0, Math.floor((all.length - 1) / BYTES_PER_SAMPLE)) * BYTES_PER_SAMPLE;
    this.#held = all.subarray(length);
    this.#give(all.subarray(0, length));
  }

  /** Takes words in the text's order, in ms since it began; they go out with the voice that they begin in. */
  acceptWords(words: readonly WordTime[]): void {
    for (const { word, startMs, endMs } of words) {
      const start = Math.max(this.#wordsEndMs, startMs);
      this.#wordsEndMs = Math.max(start + 1, endMs);
      this.#words.push({ word, startMs: start, endMs: this.#wordsEndMs });
    }
  }

  /** Ends well; the reader gets what is left. */
  finish(): void {
    if (this.#outcome !== 'speaking') return;
    if (this.#held.length !== BYTES_PER_SAMPLE) {
      const what = this.#held.length === 0 ? 'there is no voice' : 'the voice ends within a sample';
      this.fail(new EngineError('engine_protocol', `Cartesia: ${what}`, true));
      return;
    }
    const durationMs = this.#msOf(this.#samples + 1);
    this.#words = this.#words.map(({ word, startMs, endMs }) => ({
      word,
      startMs: Math.min(startMs, durationMs - 0.001),
      endMs: Math.min(endMs, durationMs),
    }));
    this.#give(this.#held);
    this.#outcome = 'spoken';
    this.#wake?.();
  }

  /** Ends with an error, unless all has been read; what is unread is dropped. */
  fail(error: EngineError): void {
    if (typeof this.#outcome !== 'string') return;
    if (this.#outcome === 'spoken' && this.#unread.length === 0) return;
    this.#outcome = error;
    this.#unread = [];
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SpeechChunk, void, undefined> {
    for (;;) {
      if (typeof this.#outcome !== 'string') throw this.#outcome;
      const chunk = this.#unread.shift();
      if (chunk) {
        this.#unreadSamples -= chunk.pcm.length;
        yield chunk;
      } else if (this.#outcome === 'spoken') return;
      else await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.fail(new EngineError('engine_timeout', `Cartesia: no voice for ${this.answerTimeoutMs} ms`, true));
      }, this.answerTimeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #give(bytes: Buffer): void {
    if (bytes.length === 0 || this.#outcome !== 'speaking') return;
    const pcm = new Int16Array(bytes.length / BYTES_PER_SAMPLE);
    new Uint8Array(pcm.buffer).set(bytes);
    this.#samples += pcm.length;
    this.#unreadSamples += pcm.length;
    const reachedMs = this.#msOf(this.#samples);
    const later = this.#words.findIndex(({ startMs }) => startMs >= reachedMs);
    const words = this.#words.splice(0, later < 0 ? this.#words.length : later);
    this.#unread.push({ pcm, ...(words.length > 0 && { words }) });
    if (this.#msOf(this.#unreadSamples) > MAX_UNREAD_MS)
      this.fail(new EngineError('engine_busy', 'Cartesia: the voice is not read', true));
    this.#wake?.();
  }

  #msOf(samples: number): number {
    return (samples * 1000) / this.sampleRateHz;
  }
}
