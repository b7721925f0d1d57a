import { EngineError, type SpeechToTextEvent, type SpeechToTextStream } from '@parley/ports';
import type { DecoderPool } from './decoder-pool.js';
import type { Recognition } from './decoder-protocol.js';
import { StableText } from './stable-text.js';
import { TranscriptQueue } from '@parley/provider-kit';
import { SAMPLE_RATE_HZ, Utterance, type UtteranceListener } from './utterance.js';

const RETRY_AFTER_MS = 1000;

/** What a stream is made with. */
export interface RecognitionStreamContext {
  pool: DecoderPool;
  terms: readonly string[];
  maxUtteranceMs: number;
  onCut(): void;
  onSuperseded(): void;
  /** Called once, when the stream has closed or failed. */
  onOver(): void;
}

/** One session's utterances, recognised one after another. */
export class RecognitionStream implements SpeechToTextStream {
  readonly #events: TranscriptQueue;
  /** Oldest first. The first is with the pool, the others are behind it; only the last may still be written to. */
  #utterances: Utterance[] = [];
  #mean: Float32Array | undefined;
  #open = true;

  constructor(private readonly context: RecognitionStreamContext) {
    this.#events = new TranscriptQueue(context.onSuperseded);
  }

  get events(): AsyncIterable<SpeechToTextEvent> {
    return this.#events;
  }

  /** Takes audio; after `close()` or an `error` it throws `engine_closed`. */
  write(pcm: Int16Array): number {
    if (!this.#open) throw new EngineError('engine_closed', 'pocketsphinx: the stream is closed', false);
    const maxSamples = (this.context.maxUtteranceMs * SAMPLE_RATE_HZ) / 1000;
    for (let at = 0; at < pcm.length && this.#open;) {
      const utterance = this.#current();
      const part = pcm.subarray(at, at + maxSamples - utterance.writtenSamples);
      at += part.length;
      if (!this.context.pool.accept(utterance, part)) {
        this.#fail(
          new EngineError('engine_busy', 'pocketsphinx: too much audio waits for a decoder', true, {
            retryAfterMs: RETRY_AFTER_MS,
          }),
        );
      } else if (utterance.writtenSamples >= maxSamples) {
        this.#cut(utterance);
      }
    }
    return this.#pendingMs();
  }

  /** Asks for the final. Does nothing after `close()` or an `error`. */
  flush(): void {
    if (!this.#open) return;
    const last = this.#utterances.at(-1);
    if (!last) {
      this.#say({ type: 'flushed' });
      return;
    }
    last.flushes += 1;
    if (!last.ended) this.context.pool.end(last);
  }

  /** Drops what is being recognised; a `flush()` not answered yet is answered without a final. */
  reset(): void {
    const flushes = this.#utterances.reduce((sum, utterance) => sum + utterance.flushes, 0);
    this.#dropAll();
    for (let i = 0; i < flushes; i++) this.#say({ type: 'flushed' });
  }

  async close(): Promise<void> {
    this.#end();
    this.#events.end();
  }

  #current(): Utterance {
    const last = this.#utterances.at(-1);
    if (last && !last.ended) return last;
    const utterance: Utterance = new Utterance(this.context.terms, () => this.#mean, this.#listener());
    this.#utterances.push(utterance);
    if (this.#utterances.length === 1) this.context.pool.submit(utterance);
    return utterance;
  }

  #listener(): UtteranceListener {
    const stable = new StableText();
    let said = '';
    return {
      onText: (text) => {
        const stableChars = stable.accept(text);
        if (text === '' || text === said) return;
        said = text;
        this.#say({ type: 'interim', text, stableChars });
      },
      onRecognition: (recognition) => this.#onRecognition(recognition),
      onFailure: (error) => this.#fail(error),
      onIdle: () => {
        const [first] = this.#utterances;
        if (first) this.#cut(first);
      },
    };
  }

  #onRecognition({ text, confidence, words, mean }: Recognition): void {
    this.#mean = mean;
    const flushes = this.#utterances.shift()?.flushes ?? 0;
    if (text !== '') this.#say({ type: 'final', text, confidence, words });
    for (let i = 0; i < flushes; i++) this.#say({ type: 'flushed' });
    const [next] = this.#utterances;
    if (next) this.context.pool.submit(next);
  }

  #cut(utterance: Utterance): void {
    this.context.onCut();
    this.context.pool.end(utterance);
  }

  #pendingMs(): number {
    const samples = this.#utterances.reduce((sum, each) => sum + each.bufferedSamples + each.decodingSamples, 0);
    return (samples * 1000) / SAMPLE_RATE_HZ;
  }

  #say(event: SpeechToTextEvent): void {
    if (this.#open && !this.#events.push(event)) {
      this.#fail(new EngineError('engine_busy', "pocketsphinx: the stream's events are not read", true));
    }
  }

  #fail(error: EngineError): void {
    if (!this.#open) return;
    this.#end();
    this.#events.end({ type: 'error', error });
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#dropAll();
    this.context.onOver();
  }

  #dropAll(): void {
    for (const utterance of this.#utterances.splice(0)) this.context.pool.drop(utterance);
  }
}
