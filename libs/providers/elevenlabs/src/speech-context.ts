import type { EngineError, ProviderObserver } from '@parley/ports';
import { socketAlignment } from './alignment.js';
import { readTimes, SpeechAssembly } from './speech-assembly.js';
import { SpeechFeed } from './speech-feed.js';
import type { SpeechMessage } from './speech-message.js';

/** What a text is spoken with. */
export interface SpeechContextOptions {
  text: string;
  sampleRateHz: number;
  answerTimeoutMs: number;
  /** Nothing came for so long. */
  onTimeout(): void;
  /** Tells the provider that there is no more text: what it has is still spoken, what it has not begun is not. */
  sendClose(): void;
  /** Called once, when the provider is done with it, or should be. */
  onGone(): void;
}

/** One text on a connection. */
export class SpeechContext {
  readonly feed: SpeechFeed;
  readonly #assembly: SpeechAssembly;
  #isClosed = false;
  #isLeft = false;
  #isGone = false;
  #isTouched = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(private readonly options: SpeechContextOptions) {
    this.#assembly = new SpeechAssembly(options.text, options.sampleRateHz);
    this.feed = new SpeechFeed(options.answerTimeoutMs, () => options.onTimeout());
  }

  /** Whatever comes for it is late. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Something has come for it. */
  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** Takes what comes for it. */
  take({ audio, alignment, isFinal }: SpeechMessage, observe: ProviderObserver): void {
    this.#isTouched = true;
    this.feed.restart();
    try {
      const chunk = this.#assembly.take(audio, readTimes(socketAlignment, alignment, observe), 'audio');
      if (chunk) this.feed.push(chunk);
      if (audio != null) this.#close();
      if (isFinal) this.#end();
    } catch (error) {
      this.fail(error as EngineError);
      if (isFinal) this.settle();
    }
  }

  /** Fails it, after what it has made; the provider is told to stop. */
  fail(error: EngineError): void {
    this.feed.fail(error);
    this.leave();
  }

  /** Stops it: the provider is told, and what it still sends is thrown away. May be called at any time. */
  leave(): void {
    if (this.#isLeft) return;
    this.#isLeft = true;
    this.feed.end();
    if (this.#isGone) return;
    this.#close();
    // It takes a place until the provider says that it is done with it.
    this.#linger = setTimeout(() => this.settle(), this.options.answerTimeoutMs);
  }

  /** The provider is done with it. */
  settle(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#linger);
    this.options.onGone();
  }

  #end(): void {
    const last = this.#assembly.end();
    if (last) this.feed.push(last);
    this.feed.end();
    this.settle();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.options.sendClose();
  }
}
