import { EngineError } from '@parley/ports';
import type { DeepgramClient } from '@deepgram/sdk';
import type { NovaSocket } from './connect.js';
import { errorOfMessage } from './deepgram-error.js';
import { finalOf, partFrom, partUntil, type HeardPart } from './heard.js';
import { ListenStream, type ListenStreamContext } from './listen-stream.js';
import { msOf, numberOf, stringOf, wordsOf } from './message-fields.js';
import type { NovaQuery } from './nova-query.js';
import { PendingFlushes } from './pending-flushes.js';

/** Deepgram wants 20 to 250 ms. */
const FRAME_MS = 50;
/** Silence that opens a session nobody speaks in: keeping alive does not, and it is closed after 10 s without audio. */
const LEAD_MS = 100;
/** By how much the provider's times may be off. */
const TOLERANCE_MS = 20;
/** `Finalize` may stay unanswered for so little audio, in which nothing was heard. */
const UNANSWERED_MS = 500;
/** How long it is waited for then. */
const GRACE_MS = 300;

interface NovaFlush {
  /** What was sent before it. */
  atMs: number;
  grace?: NodeJS.Timeout;
}

/** A session's way into a Nova model, which cuts what it hears in parts; parts make a final where speech pauses or on a flush. */
export class NovaStream extends ListenStream<NovaSocket> {
  private readonly flushes: PendingFlushes<NovaFlush>;
  /** Parts that are in no final yet. */
  private parts: HeardPart[] = [];
  /** Up to where everything has become final. */
  private finalMs = 0;
  /** Something was heard after that. */
  private hasUnfinished = false;
  /** What was said before is not to be heard of. */
  private droppedMs = 0;

  constructor(
    context: ListenStreamContext,
    private readonly query: NovaQuery,
  ) {
    super(context, FRAME_MS);
    this.flushes = new PendingFlushes(context.answerTimeoutMs, () => {
      this.fail(new EngineError('engine_timeout', 'Deepgram: no final in time', true));
    });
  }

  protected ask(client: DeepgramClient): Promise<NovaSocket> {
    return client.listen.v1.connect({ ...this.query, reconnectAttempts: 0 });
  }

  protected onConnected(): void {
    this.begin();
  }

  protected askForFinal(): void {
    const flush: NovaFlush = { atMs: this.sentMs };
    this.flushes.add(flush);
    if (flush.atMs - this.finalMs <= TOLERANCE_MS) return this.answerUntil(this.finalMs);
    this.attempt(() => this.socket.sendFinalize({ type: 'Finalize' }));
    this.giveGrace();
  }

  protected drop(): void {
    this.droppedMs = this.sentMs;
    this.parts = [];
    this.hasUnfinished = false;
  }

  protected keepAlive(): void {
    if (this.sentMs === 0) this.sendSilence(LEAD_MS);
    this.attempt(() => this.socket.sendKeepAlive({ type: 'KeepAlive' }));
  }

  protected onEnd(): void {
    for (const { grace } of this.flushes.all) clearTimeout(grace);
    this.flushes.clear();
  }

  protected receive(type: string, message: Record<string, unknown>): void {
    switch (type) {
      case 'Results':
        return this.onResults(message);
      case 'UtteranceEnd':
        if (this.flushes.oldest === undefined) this.sayFinal(this.parts.splice(0));
        return;
      case 'SpeechStarted':
      case 'Metadata':
        return;
      case 'Error':
        throw errorOfMessage(message);
      default:
        this.context.observe('ignored_message');
    }
  }

  private onResults(results: Record<string, unknown>): void {
    const part = partOf(results);
    const heard = partFrom(part, this.droppedMs);
    if (part.text && !heard) this.context.observe('late');
    if (results.is_final !== true) return this.onInterim(heard);
    if (heard) this.parts.push(heard);
    this.hasUnfinished = false;
    this.finalMs = Math.max(this.finalMs, part.endMs);
    const { oldest } = this.flushes;
    // Where it ends may differ from what was sent, so that what it says of itself counts as well.
    const answers = results.from_finalize === true && oldest && oldest.atMs <= part.endMs + UNANSWERED_MS;
    this.answerUntil(answers ? Math.max(this.finalMs, oldest.atMs) : this.finalMs);
    if (results.speech_final === true && this.flushes.oldest === undefined) this.sayFinal(this.parts.splice(0));
    this.giveGrace();
  }

  private onInterim(heard: HeardPart | undefined): void {
    this.hasUnfinished = heard !== undefined;
    if (!heard) return;
    const stable = this.parts.map(({ text }) => `${text} `).join('');
    this.say({ type: 'interim', text: stable + heard.text, stableChars: stable.length });
  }

  /** Does not wait long for an answer that may not come. */
  private giveGrace(): void {
    const { oldest } = this.flushes;
    if (!oldest || oldest.grace || this.hasUnfinished || oldest.atMs - this.finalMs > UNANSWERED_MS) return;
    oldest.grace = setTimeout(() => {
      oldest.grace = undefined;
      if (!this.hasUnfinished) this.answerUntil(oldest.atMs);
    }, GRACE_MS);
  }

  /** Answers every flush of what was sent before a moment. */
  private answerUntil(ms: number): void {
    for (;;) {
      const { oldest } = this.flushes;
      if (!oldest || oldest.atMs > ms + TOLERANCE_MS) return;
      clearTimeout(oldest.grace);
      this.flushes.shift();
      // What was said after it is for the next.
      const said = this.parts.flatMap((part) => partUntil(part, oldest.atMs) ?? []);
      this.parts = this.parts.flatMap((part) => partFrom(part, oldest.atMs) ?? []);
      this.sayFinal(said);
      this.say({ type: 'flushed' });
    }
  }

  private sayFinal(said: readonly HeardPart[]): void {
    const last = said.at(-1);
    if (last) this.say({ type: 'final', ...finalOf(said), endMs: this.writtenMs(last.endMs) });
  }
}

function partOf(results: Record<string, unknown>): HeardPart {
  const startMs = msOf(results.start, 'start');
  const { alternatives } = (results.channel ?? {}) as { alternatives?: Record<string, unknown>[] };
  const best = alternatives?.[0];
  if (!best) throw new EngineError('engine_protocol', 'Deepgram: results without an alternative', true);
  return {
    text: stringOf(best.transcript, 'transcript').trim(),
    words: wordsOf(best.words),
    confidence: numberOf(best.confidence),
    startMs,
    endMs: startMs + msOf(results.duration, 'duration'),
  };
}
