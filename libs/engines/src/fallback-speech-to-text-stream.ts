import { samplesToMs, msToSamples } from '@parley/audio';
import {
  EngineError,
  type SpeechToText,
  type SpeechToTextEvent,
  type SpeechToTextOptions,
  type SpeechToTextStream,
} from '@parley/ports';
import { TranscriptQueue } from '@parley/provider-kit';
import type { ChainObserver } from './chain-observer.js';
import { engineErrorOf } from './engine-error-of.js';
import { beginTurn, type EngineTurn } from './engine-turn.js';
import type { Link } from './link.js';
import { RetainedVoice } from './retained-voice.js';
import { maybeSpeech } from './speech-gate.js';

/** What a stream of a chain works with. */
export interface FallbackStreamParts {
  links: readonly Link<SpeechToText>[];
  options: SpeechToTextOptions;
  /** What the chain promises of its engines. */
  feed: 'continuous' | 'speech';
  observer: ChainObserver;
  /** How long a failure may take to be mended before the stage is told, in ms. */
  recoverMs: number;
  now: () => number;
  onClose(stream: SpeechToTextStream): void;
}

/** Voice without a final that is kept to be sent again. */
const RETAINED_MS = 30_000;
/** Kept of silence. */
const QUIET_MS = 1000;
/** Kept behind a final that does not say where its audio ends. */
const UNCERTAIN_MS = 300;
/** A stream is moved before so much of its longest time has passed. */
const ROTATE_AT = 0.9;
/** A connection that broke is made again once; when it breaks again so soon, another provider's turn has come. */
const SAME_AGAIN_MS = 30_000;

/**
 * One session's way into a chain of engines. Voice that no final covers is kept; when the engine fails, the next one is
 * given it again, with the flushes that have no answer, so that the caller does not have to say anything twice.
 */
export class FallbackSpeechToTextStream implements SpeechToTextStream {
  readonly events: AsyncIterable<SpeechToTextEvent>;
  private readonly said = new TranscriptQueue(() => undefined);
  private readonly retained: RetainedVoice;
  private inner: EngineTurn | undefined;
  /** Who asked for each flush that has no answer: the stage, or this stream, to end a turn. */
  private readonly flushesBy: ('stage' | 'turn')[] = [];
  private written = 0;
  private hasSpeech = false;
  private isMoving = false;
  private brokeAt = -Infinity;
  private closed = false;

  private constructor(private readonly parts: FallbackStreamParts) {
    this.events = this.said;
    this.retained = new RetainedVoice(this.samplesOf(RETAINED_MS));
  }

  /** @throws {EngineError} the last engine's when none opens */
  static async open(parts: FallbackStreamParts): Promise<FallbackSpeechToTextStream> {
    const stream = new FallbackSpeechToTextStream(parts);
    stream.adopt(await stream.begin(parts.links));
    return stream;
  }

  write(pcm: Int16Array): number {
    if (this.closed) throw new EngineError('engine_closed', 'the stream is closed', false);
    const { observer, options, feed } = this.parts;
    this.written += pcm.length;
    this.hasSpeech ||= maybeSpeech(pcm);
    const dropped = this.retained.add(pcm);
    if (dropped > 0) observer.onDropped?.({ ms: samplesToMs(dropped, options.sampleRateHz) });
    if (!this.hasSpeech && feed === 'continuous' && this.flushesBy.length === 0) {
      this.retained.keepNewest(this.samplesOf(QUIET_MS));
    }
    const { inner } = this;
    if (!inner) return samplesToMs(this.retained.length, options.sampleRateHz);
    this.rotateInTime(inner);
    return this.tell(inner, () => this.feed(inner, pcm)) ?? 0;
  }

  flush(): void {
    if (!this.closed) this.ask('stage');
  }

  reset(): void {
    if (this.closed) return;
    this.retained.reset();
    this.hasSpeech = false;
    const { inner } = this;
    inner?.silenceEnd?.reset();
    if (inner) this.tell(inner, () => inner.stream.reset());
  }

  async close(): Promise<void> {
    this.closed = true;
    this.parts.onClose(this);
    this.said.end();
    const { inner } = this;
    this.inner = undefined;
    await inner?.stream.close();
  }

  private ask(by: 'stage' | 'turn'): void {
    this.flushesBy.push(by);
    this.retained.addFlush();
    const { inner } = this;
    if (inner) this.tell(inner, () => inner.stream.flush());
  }

  private feed(inner: EngineTurn, pcm: Int16Array): number {
    const { link, gate, silenceEnd, stream } = inner;
    const passed = gate ? gate.push(pcm) : pcm;
    let waitingMs = 0;
    if (passed) {
      const amount = samplesToMs(passed.length, this.parts.options.sampleRateHz);
      this.parts.observer.onUsage?.({ provider: link.provider, amount });
      waitingMs = stream.write(passed);
    }
    if (silenceEnd?.push(pcm) && inner === this.inner) this.ask('turn');
    return waitingMs;
  }

  /** What a stream throws is its failure, and no one else's. */
  private tell<T>(inner: EngineTurn, say: () => T): T | undefined {
    try {
      return say();
    } catch (error) {
      this.onFailure(inner, engineErrorOf(error));
      return undefined;
    }
  }

  private async listen(inner: EngineTurn): Promise<void> {
    try {
      for await (const event of inner.stream.events) {
        if (inner !== this.inner) return;
        if (event.type === 'error') return this.onFailure(inner, event.error);
        this.onSaid(inner, event);
      }
      this.onFailure(inner, new EngineError('engine_unavailable', 'the engine ended the stream', true));
    } catch (error) {
      this.onFailure(inner, engineErrorOf(error));
    }
  }

  private onSaid(inner: EngineTurn, event: Exclude<SpeechToTextEvent, { type: 'error' }>): void {
    if (!inner.hasAnswered) {
      inner.hasAnswered = true;
      inner.link.health.succeeded();
    }
    if (event.type === 'flushed') {
      this.retained.answered();
      this.hasSpeech = false;
      const by = this.flushesBy.shift();
      if (by !== undefined) this.push(by === 'turn' ? { type: 'end_of_turn' } : event);
    } else if (event.type === 'final') {
      this.onFinal(inner, event);
    } else {
      this.push(event);
    }
  }

  private onFinal(inner: EngineTurn, final: Extract<SpeechToTextEvent, { type: 'final' }>): void {
    const { sampleRateHz } = this.parts.options;
    const offsetMs = samplesToMs(inner.baseSamples + (inner.gate?.skipped ?? 0), sampleRateHz);
    const words = final.words?.map((word) => ({ ...word, startMs: word.startMs + offsetMs, endMs: word.endMs + offsetMs })); // prettier-ignore
    const endMs = final.endMs === undefined ? undefined : final.endMs + offsetMs;
    const coveredMs = endMs ?? words?.at(-1)?.endMs;
    if (this.flushesBy.length > 0) this.retained.coveredToFlush();
    else {
      const writtenMs = samplesToMs(this.written, sampleRateHz);
      const newestMs = coveredMs === undefined ? UNCERTAIN_MS : Math.max(0, writtenMs - coveredMs);
      this.retained.coveredBut(this.samplesOf(newestMs));
      this.hasSpeech = newestMs > QUIET_MS;
    }
    this.push({ ...final, ...(words && { words }), ...(endMs !== undefined && { endMs }) });
  }

  private onFailure(inner: EngineTurn, error: EngineError): void {
    if (inner !== this.inner || this.closed) return;
    this.inner = undefined;
    void inner.stream.close().catch(() => undefined);
    this.note(inner.link, error);
    void this.recover(inner.link, error);
  }

  private async recover(broken: Link<SpeechToText>, error: EngineError): Promise<void> {
    const { links, observer, recoverMs, now } = this.parts;
    const startedAt = now();
    const others = links.filter((link) => link !== broken);
    const sameAgain = isBroken(error) && startedAt - this.brokeAt > SAME_AGAIN_MS ? [broken] : [];
    this.brokeAt = startedAt;
    try {
      const inner = await this.begin([...sameAgain, ...others, ...(sameAgain.length ? [] : [broken])], startedAt + recoverMs); // prettier-ignore
      if (this.closed) return void inner.stream.close().catch(() => undefined);
      this.adopt(inner);
      const { provider } = inner.link;
      observer.onFallback?.({ from: broken.provider, to: provider, code: error.code, gapMs: now() - startedAt });
    } catch (cause) {
      if (!this.closed) this.said.end({ type: 'error', error: engineErrorOf(cause) });
    }
  }

  private begin(links: readonly Link<SpeechToText>[], until = Infinity): Promise<EngineTurn> {
    const { options, feed, now } = this.parts;
    const isOver = () => this.closed || now() > until;
    return beginTurn(links, { options, feed, now, isOver, onFailure: (link, error) => this.note(link, error) });
  }

  /** Goes on with a stream that has heard nothing yet: it is given what has no final. */
  private adopt(inner: EngineTurn): void {
    this.inner = inner;
    inner.baseSamples = this.written - this.retained.length;
    for (const piece of [...this.retained.all]) {
      if (inner !== this.inner) return;
      this.tell(inner, () => (piece === 'flush' ? inner.stream.flush() : void this.feed(inner, piece)));
    }
    if (inner === this.inner) void this.listen(inner);
  }

  /** Moves to a new stream before the provider ends this one, while nothing is asked of it. */
  private rotateInTime(inner: EngineTurn): void {
    const { maxStreamMs } = inner.link.engine.capabilities;
    const { now } = this.parts;
    if (maxStreamMs === undefined || this.isMoving || now() - inner.openedAt < maxStreamMs * ROTATE_AT) return;
    this.isMoving = true;
    void this.move(inner).finally(() => (this.isMoving = false));
  }

  private async move(inner: EngineTurn): Promise<void> {
    const next = await this.begin([inner.link]).catch(() => undefined);
    if (!next) return;
    const isUseful = inner === this.inner && this.flushesBy.length === 0 && !this.closed;
    if (isUseful) {
      this.adopt(next);
      this.parts.observer.onRotated?.({ provider: inner.link.provider });
    }
    await (isUseful ? inner : next).stream.close().catch(() => undefined);
  }

  private note(link: Link<SpeechToText>, error: EngineError): void {
    link.health.failed(error);
    this.parts.observer.onFailure?.({ provider: link.provider, code: error.code });
  }

  private push(event: SpeechToTextEvent): void {
    if (this.said.push(event) || this.closed) return;
    this.said.end({
      type: 'error',
      error: new EngineError('engine_closed', 'nobody reads what was recognised', false),
    });
  }

  private samplesOf(ms: number): number {
    return msToSamples(ms, this.parts.options.sampleRateHz);
  }
}

/** The connection broke, and may be there again at once. */
function isBroken({ code, retryable }: EngineError): boolean {
  return retryable && (code === 'engine_unavailable' || code === 'engine_protocol' || code === 'engine_closed');
}
