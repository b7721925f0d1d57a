import { isDeepStrictEqual } from 'node:util';
import { samplesToMs } from '@parley/audio';
import type {
  EngineError,
  SpeechToText,
  SpeechToTextEvent,
  SpeechToTextOptions,
  SpeechToTextStream,
} from '@parley/ports';
import type { OwnedSession } from '@parley/stage-kit';
import { errorOf } from '@parley/telemetry';
import { EarlyVoice, type EngineVoice } from './early-voice.js';
import { INPUT_RATE_HZ } from './input-rate.js';

/** What a stream is opened with, beside the session and its rate. */
export type EngineSettings = Pick<SpeechToTextOptions, 'language' | 'keyTerms' | 'endOfTurn'> & {
  /** The one of these settings' session; the stage's own when absent. */
  engine?: SpeechToText;
};
/** A final transcript as the engine gave it. */
export type EngineFinal = Extract<SpeechToTextEvent, { type: 'final' }>;

/** A request for the final of everything up to the end of an utterance. */
export interface FinalRequest {
  utterance: number;
  /** Voice up to here is covered by it. */
  endPts: number;
  /** When it was asked for. */
  atMs: number;
}

/** What comes of the voice. */
export interface EngineStreamListener {
  /** @param request the oldest that is open: what is heard is of it */
  onInterim(text: string, stableChars: number, request: FinalRequest | undefined): void;
  /**
   * @param request what it answers; undefined for a final that came by itself
   * @param endPts of one that came by itself: where the audio that it covers ends, if the engine says it
   */
  onFinal(final: EngineFinal, request: FinalRequest | undefined, endPts: number | undefined): void;
  /** Everything the request is of has had its final. */
  onAnswered(request: FinalRequest): void;
  /** The engine says that the turn is over. */
  onEndOfTurn(): void;
  /** Every request that is open is lost, and voice up to the next utterance. */
  onFailed(code: string, message: string): void;
}

/** What a stream works with. */
export interface EngineStreamOptions {
  engine: SpeechToText;
  session: Pick<OwnedSession, 'sessionId' | 'log'>;
  finalTimeoutMs: number;
  now: () => number;
}

/**
 * A session's way into the engine, which outlives the engine's streams: voice waits while one is being opened, and after
 * a failure the next utterance opens another. No stream is opened before {@link configure} has said how.
 */
export class EngineStream {
  private settings: EngineSettings | undefined;
  /** What the stream that is there, or is being opened, was told. */
  private openedWith: EngineSettings | undefined;
  private stream: SpeechToTextStream | undefined;
  private opening = false;
  /** Which opening of a stream counts: one that was given up for another does not. */
  private attempt = 0;
  private wanted = false;
  private readonly early = new EarlyVoice();
  /** Nothing will come of the newest utterance. */
  private deaf = false;
  private readonly requests: FinalRequest[] = [];
  private writtenSamples = 0;
  /** Where the newest voice written ends. */
  private writtenPts: number | undefined;
  private closed = false;

  constructor(
    private readonly options: EngineStreamOptions,
    private readonly listener: EngineStreamListener,
  ) {}

  /** It has been said how streams are to be opened. */
  get isConfigured(): boolean {
    return this.settings !== undefined;
  }

  /** The engine that hears this session, or is going to. */
  get engine(): SpeechToText {
    return this.openedWith?.engine ?? this.settings?.engine ?? this.options.engine;
  }

  /** A final was asked for and has not come. */
  get isAwaited(): boolean {
    return this.requests.length > 0;
  }

  /** The stream was told to say where turns end. */
  get endsTurns(): boolean {
    return this.openedWith?.endOfTurn !== undefined;
  }

  /** It is to be given all voice, and not only utterances. */
  get hearsAll(): boolean {
    return this.endsTurns || this.engine.capabilities.feed === 'continuous';
  }

  /** Voice reaches a stream that is there, or waits for one. */
  get isFed(): boolean {
    return !this.deaf && (this.stream !== undefined || this.opening || !this.early.isEmpty);
  }

  /** Says how streams are to be opened from now on; one that is there stays until {@link renew}. */
  configure(settings: EngineSettings): void {
    this.settings = settings;
    if (this.wanted || !this.early.isEmpty) this.start();
  }

  /** Opens a stream before the first word, so that it does not wait for what the engine loads. */
  open(): void {
    this.wanted = true;
    this.start();
  }

  /** Has no stream until somebody speaks or {@link open} is called. To be called when nothing is awaited. */
  rest(): void {
    this.wanted = false;
    this.drop();
  }

  /**
   * Opens another stream if this one was opened with other settings. To be called when nothing is awaited.
   * @returns whether it did
   */
  renew(): boolean {
    if (!this.openedWith || isSame(this.openedWith, this.settings)) return false;
    this.drop();
    this.start();
    return true;
  }

  /** An utterance begins: after a failure the engine is tried again. */
  begin(): void {
    this.deaf = false;
  }

  /**
   * Takes voice; it is copied where it has to wait.
   * @param atPts where it begins, of voice that is given without a break
   */
  write(pcm: Int16Array, atPts?: number): void {
    if (this.deaf || this.closed) return;
    if (this.stream) return this.feed(this.stream, { pcm, atPts });
    if (!this.early.add({ pcm, atPts })) return this.fail('engine_timeout', 'the engine did not open in time');
    this.start();
  }

  /** Asks for the final of everything written. @returns false when nothing will come of it */
  ask(request: Omit<FinalRequest, 'atMs'>): boolean {
    if (this.deaf || this.closed) return false;
    this.requests.push({ ...request, atMs: this.options.now() });
    if (this.stream) this.tell(this.stream, (stream) => stream.flush());
    else this.early.addFlush();
    return !this.deaf;
  }

  /** Gives up on an engine that does not answer. Called every 100 ms. */
  tick(): void {
    const [oldest] = this.requests;
    if (oldest && this.options.now() - oldest.atMs > this.options.finalTimeoutMs) {
      this.fail('engine_timeout', 'no final transcript in time');
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    // A stream that is still being opened is closed when it comes.
    await this.stream?.close();
  }

  private start(): void {
    if (!this.stream && !this.opening && this.settings && !this.closed) void this.openStream(this.settings);
  }

  private async openStream(settings: EngineSettings): Promise<void> {
    const { session } = this.options;
    const { engine = this.options.engine, ...how } = settings;
    const attempt = ++this.attempt;
    this.opening = true;
    this.openedWith = settings;
    let stream: SpeechToTextStream;
    try {
      stream = await engine.open({ sessionId: session.sessionId, sampleRateHz: INPUT_RATE_HZ, ...how });
    } catch (error) {
      if (attempt === this.attempt && !this.closed) this.fail(codeOf(error), (error as Error).message);
      return;
    }
    if (attempt !== this.attempt || this.closed) return this.closeStream(stream);
    this.stream = stream;
    this.opening = false;
    this.writtenSamples = 0;
    this.writtenPts = undefined;
    void this.listen(stream);
    for (const said of this.early.drain()) {
      if (this.stream !== stream) return;
      if (said === 'flush') this.tell(stream, (open) => open.flush());
      else this.feed(stream, said);
    }
  }

  private feed(stream: SpeechToTextStream, { pcm, atPts }: EngineVoice): void {
    this.writtenSamples += pcm.length;
    this.writtenPts = atPts === undefined ? undefined : atPts + pcm.length;
    this.tell(stream, (open) => open.write(pcm));
  }

  /** What a stream throws is the engine's failure, not the frame's. */
  private tell(stream: SpeechToTextStream, say: (stream: SpeechToTextStream) => void): void {
    try {
      say(stream);
    } catch (error) {
      this.fail(codeOf(error), (error as Error).message);
    }
  }

  private async listen(stream: SpeechToTextStream): Promise<void> {
    const isCurrent = () => this.stream === stream && !this.closed;
    try {
      for await (const event of stream.events) {
        if (!isCurrent()) return;
        this.onEvent(event);
      }
      if (isCurrent()) this.fail('engine_closed', 'the engine ended the stream');
    } catch (error) {
      if (!isCurrent()) return;
      this.options.session.log.error(errorOf(error), 'reading the engine failed');
      this.fail(codeOf(error), (error as Error).message);
    }
  }

  private onEvent(event: SpeechToTextEvent): void {
    switch (event.type) {
      case 'interim':
        if (event.text) this.listener.onInterim(event.text, event.stableChars ?? 0, this.requests[0]);
        return;
      case 'final':
        return this.listener.onFinal(event, this.requests[0], this.ptsOf(event.endMs));
      case 'flushed': {
        const request = this.requests.shift();
        if (request) this.listener.onAnswered(request);
        return;
      }
      case 'end_of_turn':
        // An end that is forced comes with the answer to the flush that forces it.
        if (!this.isAwaited) this.listener.onEndOfTurn();
        return;
      case 'error':
        return this.fail(event.error.code, event.error.message);
    }
  }

  /** Where a moment of the stream lies in the session, going back from the newest voice. */
  private ptsOf(endMs: number | undefined): number | undefined {
    if (endMs === undefined || this.writtenPts === undefined) return undefined;
    const behindMs = Math.max(0, samplesToMs(this.writtenSamples, INPUT_RATE_HZ) - endMs);
    return Math.max(0, this.writtenPts - Math.round((behindMs * INPUT_RATE_HZ) / 1000));
  }

  /** What was being recognised is lost; the next utterance opens a new stream. */
  private fail(code: string, message: string): void {
    this.deaf = true;
    this.requests.length = 0;
    this.drop();
    this.listener.onFailed(code, message);
  }

  private drop(): void {
    const { stream } = this;
    this.attempt++;
    this.stream = undefined;
    this.openedWith = undefined;
    this.opening = false;
    this.early.drain();
    if (stream) void this.closeStream(stream);
  }

  private async closeStream(stream: SpeechToTextStream): Promise<void> {
    try {
      await stream.close();
    } catch (error) {
      this.options.session.log.warn(errorOf(error), 'closing the engine failed');
    }
  }
}

function isSame(one: EngineSettings, other: EngineSettings | undefined): boolean {
  if (one.engine !== other?.engine) return false;
  return isDeepStrictEqual({ ...one, engine: undefined }, { ...other, engine: undefined });
}

function codeOf(error: unknown): string {
  return (error as Partial<EngineError>).code ?? 'engine_unavailable';
}
