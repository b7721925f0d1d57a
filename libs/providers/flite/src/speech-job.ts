import type { EngineError } from '@parley/ports';
import { SilenceTrim } from './silence-trim.js';
import type { FliteVoice } from './speech-protocol.js';

/** One text on its way through the speech thread, and its samples on their way to one reader. */
export class SpeechJob implements AsyncIterable<Int16Array> {
  /** Shared with the speech thread. */
  readonly stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #trim = new SilenceTrim();
  #unread: Int16Array[] = [];
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

  async *[Symbol.asyncIterator](): AsyncGenerator<Int16Array, void, undefined> {
    for (;;) {
      if (typeof this.#outcome !== 'string') throw this.#outcome;
      const pcm = this.#unread.shift();
      if (pcm) yield pcm;
      else if (this.#outcome === 'spoken') return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #give(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    this.#unread.push(pcm);
    this.#wake?.();
  }
}
