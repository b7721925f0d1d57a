import { EngineError, type ProviderObserver, type SpeechToTextEvent, type SpeechToTextStream } from '@parley/ports';
import { TranscriptQueue } from '@parley/provider-kit';
import { AudioBatch } from './audio-batch.js';
import { CommittedTwins, type TimedItems } from './committed-twins.js';
import type { ScribeConnection, ScribeListener } from './scribe-connection.js';
import { finalOf } from './scribe-words.js';
import { closedError, PROVIDER, timeoutError, unavailableError } from './service.js';

/** Audio of one message, in ms. */
const PIECE_MS = 100;
/** The provider refuses to end a segment with less audio, in ms. */
const MIN_COMMIT_MS = 300;
/** Audio that may wait for the network, in ms. */
const MAX_WAITING_MS = 60_000;
/** Base64 of 16-bit samples, and the message around it. */
const BYTES_PER_SAMPLE = 2.75;

/** What a stream is made with. */
export interface ScribeStreamOptions {
  sampleRateHz: number;
  wordTimes: boolean;
  answerTimeoutMs: number;
  keepAliveMs: number;
  observe: ProviderObserver;
  /** Called once, when the stream has closed or failed. */
  onOver(): void;
}

/** A segment whose end was asked for, and that has had no answer. */
interface Commit {
  /** Flushes that its answer answers; none of a reset. */
  flushes: number;
  /** Nothing of it is to be said. */
  dropped: boolean;
  /** Where it begins in the connection's audio, in ms. */
  beginsMs: number;
  deadline: NodeJS.Timeout;
}

/** One session's recognition: audio goes out in pieces, and each flush ends a segment. */
export class ScribeStream implements SpeechToTextStream, ScribeListener {
  readonly #events: TranscriptQueue;
  readonly #batch: AudioBatch;
  readonly #twins: CommittedTwins;
  /** Oldest first. */
  readonly #commits: Commit[] = [];
  #connection: ScribeConnection | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  /** Samples on the connection, the padding too. */
  #sentSamples = 0;
  #paddedSamples = 0;
  /** Where the segment that is open begins, in samples of the connection. */
  #beginsSamples = 0;
  #open = true;

  constructor(private readonly options: ScribeStreamOptions) {
    this.#events = new TranscriptQueue(() => undefined);
    this.#batch = new AudioBatch(this.#samples(PIECE_MS), (piece) => this.#send(piece));
    this.#twins = new CommittedTwins(options.wordTimes, (text, items) => this.#settle(text, items));
  }

  get events(): AsyncIterable<SpeechToTextEvent> {
    return this.#events;
  }

  /** Gives the stream its connection, once and before all else. */
  begin(connection: ScribeConnection): void {
    this.#connection = connection;
    if (!this.#open) void connection.close();
    else this.#restKeepAlive();
  }

  /** Takes audio; after `close()` or an `error` it throws `engine_closed`. */
  write(pcm: Int16Array): number {
    if (!this.#open) throw closedError();
    this.#batch.push(pcm);
    const waitingMs = this.#waitingMs();
    if (waitingMs > MAX_WAITING_MS) this.onFailure(unavailableError('the connection takes no more audio'));
    return Math.min(waitingMs, MAX_WAITING_MS);
  }

  /** Asks for the final. Does nothing after `close()` or an `error`. */
  flush(): void {
    if (!this.#open) return;
    const last = this.#commit(false) ?? this.#commits.at(-1);
    if (last) last.flushes += 1;
    else this.#say({ type: 'flushed' });
  }

  /** Drops what is being recognised; a `flush()` not answered yet is answered without a final. */
  reset(): void {
    if (!this.#open) return;
    for (const commit of this.#commits) commit.dropped = true;
    this.#commit(true);
  }

  async close(): Promise<void> {
    this.#end();
    this.#events.end();
    await this.#connection?.close();
  }

  onPartial(text: string): void {
    // Before the answer it is of the segment that the answer ends.
    if (text.trim() !== '' && !this.#commits.some(({ dropped }) => dropped)) this.#say({ type: 'interim', text });
  }

  onPlain(text: string): void {
    this.#twins.takePlain(text);
  }

  onTimed(text: string, items: TimedItems): void {
    this.#twins.takeTimed(text, items);
  }

  onThrottled(): void {
    if (this.#commits.length > 0) this.#settle('', null);
  }

  onIgnored(): void {
    this.options.observe('ignored_message');
  }

  onFailure(error: EngineError): void {
    if (!this.#open) return;
    this.#end();
    this.#events.end({ type: 'error', error });
    void this.#connection?.close();
  }

  /** A segment has ended: as it was asked to, or by the provider's own decision. */
  #settle(text: string, items: TimedItems): void {
    if (!this.#open) return;
    const commit = this.#commits.shift();
    clearTimeout(commit?.deadline);
    const isEmpty = text.trim() === '';
    if (commit?.dropped && !isEmpty) this.options.observe('late');
    if (!commit?.dropped && !isEmpty) {
      const final = finalOf(text, items, commit?.beginsMs ?? this.#ms(this.#beginsSamples));
      this.#say(commit ? final : this.#ended(final));
    }
    for (let n = 0; n < (commit?.flushes ?? 0); n++) this.#say({ type: 'flushed' });
  }

  /** Where a segment ends that was not asked to: at its last word, or with what was sent where no times are given. */
  #ended(final: Extract<SpeechToTextEvent, { type: 'final' }>): SpeechToTextEvent {
    const lastMs = final.words?.at(-1)?.endMs;
    const last = lastMs === undefined ? this.#sentSamples : this.#beginsSamples + this.#samples(lastMs);
    this.#beginsSamples = Math.min(last, this.#sentSamples);
    return { ...final, endMs: this.#ms(this.#beginsSamples - this.#paddedSamples) };
  }

  /** Ends the segment that is open; undefined when there is nothing in it. */
  #commit(dropped: boolean): Commit | undefined {
    this.#batch.flush();
    const samples = this.#sentSamples - this.#beginsSamples;
    if (samples === 0) return undefined;
    const missing = this.#samples(MIN_COMMIT_MS) - samples;
    if (missing > 0) {
      this.#paddedSamples += missing;
      this.#send(new Int16Array(missing));
    }
    const { answerTimeoutMs } = this.options;
    const late = () => this.onFailure(timeoutError('transcript', answerTimeoutMs));
    const deadline = setTimeout(late, answerTimeoutMs);
    const commit = { flushes: 0, dropped, beginsMs: this.#ms(this.#beginsSamples), deadline };
    this.#commits.push(commit);
    this.#beginsSamples = this.#sentSamples;
    this.#tell((connection) => connection.commit());
    return commit;
  }

  #send(pcm: Int16Array): void {
    this.#sentSamples += pcm.length;
    this.#tell((connection) => connection.send(pcm));
    this.#restKeepAlive();
  }

  /** Without audio the provider closes after a while. */
  #restKeepAlive(): void {
    clearTimeout(this.#keepAlive);
    if (this.#open) this.#keepAlive = setTimeout(() => this.#send(new Int16Array(0)), this.options.keepAliveMs);
  }

  #tell(say: (connection: ScribeConnection) => void): void {
    if (!this.#open || !this.#connection) return;
    try {
      say(this.#connection);
    } catch (cause) {
      // It is closing: the client refuses what it is told then.
      this.onFailure(unavailableError('the connection is closed', cause));
    }
  }

  #say(event: SpeechToTextEvent): void {
    if (this.#open && !this.#events.push(event)) {
      this.onFailure(new EngineError('engine_busy', `${PROVIDER}: the stream's events are not read`, true));
    }
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#keepAlive);
    for (const { deadline } of this.#commits.splice(0)) clearTimeout(deadline);
    this.#twins.close();
    this.options.onOver();
  }

  #waitingMs(): number {
    const onTheWay = (this.#connection?.waitingBytes ?? 0) / BYTES_PER_SAMPLE;
    return this.#ms(this.#batch.waitingSamples + onTheWay);
  }

  #ms(samples: number): number {
    return (samples * 1000) / this.options.sampleRateHz;
  }

  #samples(ms: number): number {
    return Math.round((ms * this.options.sampleRateHz) / 1000);
  }
}
