import { PassThrough } from 'node:stream';
import type { SpeechToText, SpeechToTextEvent, SpeechToTextOptions, SpeechToTextStream } from '@parley/ports';

/** A stream that says what the test tells it to. */
export class ControlledStream implements SpeechToTextStream {
  /** Samples written between flushes; the last number is what came after the last flush. */
  readonly written = [0];
  closed = 0;
  /** Thrown by the next `write` or `flush`. */
  failure: unknown;
  private readonly queue = new PassThrough({ objectMode: true });
  readonly events: AsyncIterable<SpeechToTextEvent> = this.queue;

  get flushes(): number {
    return this.written.length - 1;
  }

  write(pcm: Int16Array): number {
    this.throwFailure();
    this.written[this.flushes]! += pcm.length;
    return 0;
  }

  flush(): void {
    this.throwFailure();
    this.written.push(0);
  }

  reset(): void {}

  close(): Promise<void> {
    this.closed++;
    this.queue.end();
    return Promise.resolve();
  }

  say(event: SpeechToTextEvent): void {
    this.queue.write(event);
  }

  /** Answers the oldest flush; without a text nothing was understood. */
  answer(text?: string): void {
    if (text !== undefined) this.say({ type: 'final', text });
    this.say({ type: 'flushed' });
  }

  /** Ends the events though nobody closed the stream. */
  end(): void {
    this.queue.end();
  }

  /** Makes the reading of the events throw. */
  break(error: Error): void {
    this.queue.destroy(error);
  }

  private throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }
}

/** An engine whose streams the test has in its hands. */
export class ControlledEngine implements SpeechToText {
  readonly name = 'controlled';
  readonly capabilities: SpeechToText['capabilities'];
  readonly streams: ControlledStream[] = [];
  /** What each stream was asked to be. */
  readonly asked: SpeechToTextOptions[] = [];
  /** What each opening waits for, and fails with. May throw at once. */
  opening: () => Promise<void> = () => Promise.resolve();

  constructor({ endOfTurn = false, feed = 'speech' }: { endOfTurn?: boolean; feed?: 'speech' | 'continuous' } = {}) {
    this.capabilities = {
      interim: true,
      endOfTurn,
      wordTimes: false,
      feed,
      sampleRatesHz: [16_000],
      languages: ['en'],
    };
  }

  get last(): ControlledStream {
    return this.streams.at(-1) as ControlledStream;
  }

  warm(): Promise<void> {
    return Promise.resolve();
  }

  /** Not an async function, so that what `opening` throws is thrown at the caller, as an adapter's mistake would be. */
  open(options: SpeechToTextOptions): Promise<ControlledStream> {
    this.asked.push(options);
    return this.opening().then(() => {
      this.streams.push(new ControlledStream());
      return this.last;
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
