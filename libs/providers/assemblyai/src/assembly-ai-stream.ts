import { EngineError, type ProviderObserver, type SpeechToTextEvent, type SpeechToTextStream } from '@parley/ports';
import { TranscriptQueue } from '@parley/provider-kit';
import { PendingCuts, type Cut } from './pending-cuts.js';
import { SentAudio } from './sent-audio.js';
import { SingleEnds } from './single-ends.js';
import type { SessionListener, StreamingSession } from './streaming-session.js';
import { confidenceOf, textOf, type Turn } from './turn.js';
import { wordTimesOf } from './word-times.js';

/** Audio that may wait for the connection. */
const MAX_WAITING_MS = 30_000;

/** What a stream works with. */
export interface AssemblyAiStreamOptions {
  sampleRateHz: number;
  /** Says where turns end. */
  endsTurns: boolean;
  /** Words that may change are not in the transcripts. */
  leavesOutUnsettled: boolean;
  isFormatting: boolean;
  minTurnSilenceMs: number;
  answerTimeoutMs: number;
  noWordsMs: number;
  observe: ProviderObserver;
  /** Called once, when nothing is left of the stream. */
  onOver: () => void;
}

/**
 * One session's recognition. The provider finds turns by itself; a flush or a reset cuts the one that goes on, and is
 * answered by the end of the turn before it.
 */
export class AssemblyAiStream implements SpeechToTextStream {
  private readonly queue = new TranscriptQueue(() => undefined);
  private readonly audio: SentAudio;
  private readonly cuts: PendingCuts;
  private readonly ends: SingleEnds;
  private readonly session: StreamingSession;
  private isOpen = true;
  /** Up to where finals were said, or nothing is to be said, in ms of what was written. */
  private coveredMs = 0;
  private cutMs = 0;
  private interim = '';

  constructor(
    private readonly options: AssemblyAiStreamOptions,
    start: (listener: SessionListener) => StreamingSession,
  ) {
    this.audio = new SentAudio(options.sampleRateHz);
    this.cuts = new PendingCuts({
      answerMs: options.answerTimeoutMs,
      noWordsMs: options.noWordsMs,
      onNoWords: () => this.answerWithoutWords(),
      onOverdue: () => this.fail(new EngineError('engine_timeout', `AssemblyAI: no answer within ${options.answerTimeoutMs} ms`, true)), // prettier-ignore
    });
    this.ends = new SingleEnds(options.isFormatting, {
      onTurn: (turn) => this.onTurn(turn),
      onLate: () => options.observe('late'),
    });
    this.session = start({
      onTurn: (turn) => this.isOpen && this.ends.accept(turn),
      onReceived: (id) => this.cuts.received(id),
      onFailed: (error) => this.fail(error),
    });
  }

  /** @throws {EngineError} as the session says */
  async connect(timeoutMs: number): Promise<void> {
    try {
      await this.session.connect(timeoutMs);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  get events(): AsyncIterable<SpeechToTextEvent> {
    return this.queue;
  }

  /** Takes audio; after `close()` or an `error` it throws `engine_closed`. */
  write(pcm: Int16Array): number {
    if (!this.isOpen) throw new EngineError('engine_closed', 'AssemblyAI: the stream is closed', false);
    for (const frame of this.audio.write(pcm)) this.session.sendAudio(frame);
    const unsentMs = (this.session.waitingBytes * 500) / this.options.sampleRateHz;
    if (unsentMs > MAX_WAITING_MS) {
      this.fail(new EngineError('engine_unavailable', 'AssemblyAI: the connection takes no audio', true));
    }
    // The connection counts what it puts around the audio too.
    return Math.min(this.audio.writtenMs, this.audio.restMs + unsentMs);
  }

  /** Asks for the final. Does nothing after `close()` or an `error`. */
  flush(): void {
    if (this.isOpen) this.cut(true);
  }

  /** Drops what is being recognised; a `flush()` not answered yet is answered without a final. */
  reset(): void {
    if (!this.isOpen) return;
    const answered = this.cuts.all.filter(({ isFlush }) => isFlush);
    for (const cut of answered) {
      cut.isFlush = false;
      this.say({ type: 'flushed' });
    }
    // A turn that only lacks its formatted words is over: no other end of a turn answers the cut behind it.
    if (this.ends.take()) {
      this.cuts.setHasWords(false);
      this.answerWithoutWords();
    }
    this.interim = '';
    this.cut(false);
  }

  async close(): Promise<void> {
    this.end();
    this.queue.end();
    await this.session.close();
  }

  private cut(isFlush: boolean): void {
    const { writtenMs } = this.audio;
    const isAsked = writtenMs > this.cutMs;
    if (!isAsked && !isFlush) return;
    this.cutMs = writtenMs;
    const rest = this.audio.takeRest();
    if (rest) this.session.sendAudio(rest);
    const { id } = this.cuts.add({ writtenMs, sentMs: this.audio.sentMs, isFlush, isAsked });
    if (isAsked) this.session.forceEnd(id);
    this.answerUnasked();
  }

  private onTurn(turn: Turn): void {
    const { text, stableChars } = textOf(turn, this.options.leavesOutUnsettled);
    this.passCutsBefore(turn);
    const cut = this.cuts.first;
    if (turn.isOver) this.onEnd(turn, text, cut);
    else if (text !== '') {
      this.cuts.setHasWords(true);
      if (cut?.isFlush === false || text === this.interim) return;
      this.interim = text;
      this.say({ type: 'interim', text, stableChars });
    }
  }

  private onEnd(turn: Turn, text: string, cut: Cut | undefined): void {
    this.interim = '';
    this.cuts.setHasWords(false);
    const before = this.coveredMs;
    // The provider has heard at least so much silence before it ended the turn by itself.
    const heardMs = (turn.words.at(-1)?.endMs ?? this.audio.sentMs) + this.options.minTurnSilenceMs;
    this.coveredMs = Math.max(before, cut?.writtenMs ?? this.audio.writtenMsAt(heardMs));
    if (text !== '' && cut?.isFlush !== false) {
      const words = wordTimesOf(turn.words, (sentMs) => this.audio.writtenMsAt(sentMs) - before);
      const endMs = cut ? undefined : this.coveredMs;
      this.say({ type: 'final', text, confidence: confidenceOf(turn), words, endMs });
      if (!cut && this.options.endsTurns) this.say({ type: 'end_of_turn', confidence: turn.overConfidence });
    }
    if (cut) this.pass(cut);
  }

  /** A turn whose last word lies behind a cut tells that there was nothing before it. */
  private passCutsBefore({ words }: Turn): void {
    const lastMs = words.at(-1)?.startMs ?? 0;
    while (this.cuts.first && lastMs >= this.cuts.first.sentMs) this.answerWithoutWords();
  }

  private answerWithoutWords(): void {
    const { first } = this.cuts;
    if (!first) return;
    this.coveredMs = Math.max(this.coveredMs, first.writtenMs);
    this.pass(first);
  }

  private pass(cut: Cut): void {
    this.cuts.shift();
    if (cut.isFlush) this.say({ type: 'flushed' });
    this.answerUnasked();
  }

  private answerUnasked(): void {
    if (this.cuts.first?.isAsked === false) this.answerWithoutWords();
  }

  private say(event: SpeechToTextEvent): void {
    if (this.isOpen && !this.queue.push(event)) {
      this.fail(new EngineError('engine_busy', "AssemblyAI: the stream's events are not read", true));
    }
  }

  private fail(error: EngineError): void {
    if (!this.isOpen) return;
    this.end();
    this.queue.end({ type: 'error', error });
  }

  private end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.cuts.close();
    this.ends.take();
    void this.session.close().then(this.options.onOver);
  }
}
