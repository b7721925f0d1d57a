import type { SpeechToTextEvent, SpeechToTextStream } from '../speech-to-text.js';
import { within } from './within.js';

/** Reads a stream's events from the moment it is made, and keeps them. */
export class EventLog {
  readonly events: SpeechToTextEvent[] = [];
  /** Settles when the stream has ended. */
  readonly ended: Promise<void>;
  #wake: () => void = () => undefined;

  constructor(
    stream: SpeechToTextStream,
    private readonly deadlineMs: number,
  ) {
    this.ended = this.#read(stream);
    // A test that does not wait for the end hears of a failure by the event it waits for not coming.
    this.ended.catch(() => undefined);
  }

  /** Texts of the finals so far. */
  get finals(): string[] {
    return this.events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
  }

  /** The types so far, without interim results. */
  get types(): string[] {
    return this.events.map((event) => event.type).filter((type) => type !== 'interim');
  }

  /** Waits until so many flushes have been answered. */
  async flushed(count: number): Promise<void> {
    await this.until(`${count} flushed`, () => this.types.filter((type) => type === 'flushed').length >= count);
  }

  /** Waits until what has been read satisfies a condition. */
  async until(what: string, isEnough: () => boolean): Promise<void> {
    const enough = async () => {
      while (!isEnough()) await new Promise<void>((resolve) => (this.#wake = resolve));
    };
    await within(this.deadlineMs, `${what}; there was ${this.types.join(', ') || 'nothing'}`, enough());
  }

  async #read(stream: SpeechToTextStream): Promise<void> {
    for await (const event of stream.events) {
      this.events.push(event);
      this.#wake();
    }
  }
}
