import { EngineError, type SpeechToTextEvent, type SpeechToTextStream } from '@parley/ports';
import { TranscriptQueue } from '@parley/provider-kit';
import { apiErrorOf } from './api-error.js';
import { RequestWatch } from './request-watch.js';
import { transcribe, type TranscriptionContext } from './transcribe.js';

/** Utterances that may wait for their transcript; a caller speaks no more of them in that time. */
const MAX_WAITING = 16;

interface Utterance {
  pcm: Int16Array;
  /** Flushes that its transcript answers. */
  flushes: number;
}

/** One session's utterances, transcribed one after another, a request each. */
export class TranscriptionStream implements SpeechToTextStream {
  readonly #events = new TranscriptQueue(() => undefined);
  /** What is being said, until a flush. */
  #parts: Int16Array[] = [];
  #samples = 0;
  /** Oldest first; the first is being transcribed. */
  #waiting: Utterance[] = [];
  #request: RequestWatch | undefined;
  #isWorking = false;
  #open = true;

  /** @param onOver called once, when the stream has closed or failed */
  constructor(
    private readonly context: TranscriptionContext,
    private readonly onOver: () => void,
  ) {}

  get events(): AsyncIterable<SpeechToTextEvent> {
    return this.#events;
  }

  /** Takes audio; what it returns is the audio that was flushed and has no transcript yet. */
  write(pcm: Int16Array): number {
    if (!this.#open) throw closedError();
    const { settings, sampleRateHz } = this.context;
    const maxSamples = (settings.maxUtteranceMs * sampleRateHz) / 1000;
    for (let at = 0; at < pcm.length && this.#open;) {
      const part = pcm.slice(at, at + maxSamples - this.#samples);
      at += part.length;
      this.#parts.push(part);
      this.#samples += part.length;
      if (this.#samples >= maxSamples) this.#submit(0);
    }
    const waiting = this.#waiting.reduce((sum, { pcm: { length } }) => sum + length, 0);
    return (waiting * 1000) / sampleRateHz;
  }

  /** Asks for the final. Does nothing after `close()` or an `error`. */
  flush(): void {
    if (!this.#open) return;
    const last = this.#waiting.at(-1);
    if (this.#samples > 0) this.#submit(1);
    else if (last) last.flushes += 1;
    else this.#say({ type: 'flushed' });
  }

  /** Drops what is being recognised; a `flush()` not answered yet is answered without a final. */
  reset(): void {
    const flushes = this.#waiting.reduce((sum, utterance) => sum + utterance.flushes, 0);
    this.#dropAll();
    for (let n = 0; n < flushes; n++) this.#say({ type: 'flushed' });
  }

  async close(): Promise<void> {
    this.#end();
    this.#events.end();
  }

  #submit(flushes: number): void {
    const pcm = new Int16Array(this.#samples);
    let at = 0;
    for (const part of this.#parts) {
      pcm.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#samples = 0;
    this.#waiting.push({ pcm, flushes });
    if (this.#waiting.length > MAX_WAITING)
      this.#fail(new EngineError('engine_busy', 'OpenAI: too many utterances wait for their transcript', true));
    else void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (let utterance = this.#waiting[0]; utterance; utterance = this.#waiting[0]) await this.#answer(utterance);
    this.#isWorking = false;
  }

  async #answer(utterance: Utterance): Promise<void> {
    const isWanted = () => this.#waiting[0] === utterance;
    const watch = new RequestWatch();
    this.#request = watch;
    try {
      const text = await this.#textOf(utterance, watch, (interim) => {
        if (isWanted() && interim !== '') this.#say({ type: 'interim', text: interim });
      });
      if (!isWanted()) return;
      this.#waiting.shift();
      if (text !== '') this.#say({ type: 'final', text });
      for (let n = 0; n < utterance.flushes; n++) this.#say({ type: 'flushed' });
    } catch (thrown) {
      if (isWanted()) this.#fail(watch.error ?? apiErrorOf(thrown));
    } finally {
      watch.end();
    }
  }

  async #textOf({ pcm }: Utterance, watch: RequestWatch, onText: (text: string) => void): Promise<string> {
    // Models hear words where there is nothing.
    if (pcm.every((sample) => sample === 0)) return '';
    return transcribe(this.context, pcm, watch, onText);
  }

  #say(event: SpeechToTextEvent): void {
    if (this.#open && !this.#events.push(event))
      this.#fail(new EngineError('engine_busy', "OpenAI: the stream's events are not read", true));
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
    this.onOver();
  }

  #dropAll(): void {
    this.#parts = [];
    this.#samples = 0;
    this.#waiting = [];
    this.#request?.end();
  }
}

function closedError(): EngineError {
  return new EngineError('engine_closed', 'OpenAI: the stream is closed', false);
}
