import { EngineError } from '@parley/ports';
import type { DeepgramClient } from '@deepgram/sdk';
import type { FluxSocket } from './connect.js';
import { errorOfMessage } from './deepgram-error.js';
import type { FluxQuery } from './flux-query.js';
import { finalOf, type HeardPart } from './heard.js';
import { ListenStream, type ListenStreamContext } from './listen-stream.js';
import { msOf, numberOf, stringOf, wordsOf } from './message-fields.js';
import { PendingFlushes } from './pending-flushes.js';

/** What Deepgram recommends. */
const FRAME_MS = 80;

/** A turn that is being ended by force. */
interface ForcedEnd {
  /** A flush is answered; a reset is not, and its turn not heard of. */
  isFlush: boolean;
  isDropped: boolean;
  /** Whatever turn there was has been ended. */
  isOver: boolean;
}

/**
 * A session's way into Flux, which hears turns rather than parts. `ForceEndTurn` goes without an answer where no turn is open,
 * so that a `Configure` that changes nothing follows it: its answer tells that there was none.
 */
export class FluxStream extends ListenStream<FluxSocket> {
  private readonly ends: PendingFlushes<ForcedEnd>;
  /** Those whose `Configure` is not answered. */
  private readonly fences: ForcedEnd[] = [];
  private isTurnOpen = false;
  private lastEndedTurn = -1;

  constructor(
    context: ListenStreamContext,
    private readonly query: FluxQuery,
    private readonly endsTurns: boolean,
  ) {
    super(context, FRAME_MS);
    this.ends = new PendingFlushes(context.answerTimeoutMs, () => {
      this.fail(new EngineError('engine_timeout', 'Deepgram: no end of the turn in time', true));
    });
  }

  protected ask(client: DeepgramClient): Promise<FluxSocket> {
    return client.listen.v2.connect({ ...this.query, reconnectAttempts: 0 });
  }

  /** The session begins with `Connected`. */
  protected onConnected(): void {}

  protected askForFinal(): void {
    this.forceEnd({ isFlush: true, isDropped: false, isOver: false });
  }

  protected drop(): void {
    for (const end of this.ends.all) end.isDropped = true;
    this.forceEnd({ isFlush: false, isDropped: true, isOver: false });
  }

  /** Flux has no message for it, but audio. */
  protected keepAlive(): void {
    this.sendSilence(FRAME_MS);
  }

  protected onEnd(): void {
    this.ends.clear();
  }

  protected receive(type: string, message: Record<string, unknown>): void {
    switch (type) {
      case 'Connected':
        return this.begin();
      case 'TurnInfo':
        return this.onTurnInfo(message);
      case 'ConfigureSuccess':
      case 'ConfigureFailure':
        return this.onFence();
      case 'Warning':
        if (message.code === 'FORCE_END_TURN_NO_ACTIVE_TURN') return this.onEnded();
        return this.context.observe('ignored_message');
      case 'Error':
        throw errorOfMessage(message);
      default:
        this.context.observe('ignored_message');
    }
  }

  private forceEnd(end: ForcedEnd): void {
    this.ends.add(end);
    this.fences.push(end);
    this.attempt(() => this.socket.sendForceEndTurn({ type: 'ForceEndTurn' }));
    this.attempt(() => this.socket.sendConfigure({ type: 'Configure' }));
  }

  private onTurnInfo(info: Record<string, unknown>): void {
    const turn = numberOf(info.turn_index);
    if (turn === undefined) throw new EngineError('engine_protocol', 'Deepgram: a turn without an index', true);
    const part = partOf(info);
    if (turn <= this.lastEndedTurn) {
      if (part.text) this.context.observe('late');
      return;
    }
    switch (info.event) {
      case 'EndOfTurn':
        this.lastEndedTurn = turn;
        this.isTurnOpen = false;
        return this.onEndOfTurn(part, info);
      case 'StartOfTurn':
      case 'Update':
      case 'EagerEndOfTurn':
      case 'TurnResumed':
        this.isTurnOpen ||= part.text !== '' || info.event !== 'Update';
        if (part.text && !this.isDropping) this.say({ type: 'interim', text: part.text });
        return;
      default:
        this.context.observe('ignored_message');
    }
  }

  private onEndOfTurn(part: HeardPart, info: Record<string, unknown>): void {
    const isForced = this.ends.oldest !== undefined;
    if (part.text && this.isDropping) this.context.observe('late');
    else if (part.text) {
      this.say({ type: 'final', ...finalOf([part]), endMs: this.writtenMs(part.endMs) });
      const confidence = numberOf(info.end_of_turn_confidence);
      if (this.endsTurns && !isForced) this.say({ type: 'end_of_turn', confidence });
    }
    if (info.trigger === 'manual') this.onEnded();
    this.settle();
  }

  /** What is heard now was said before a reset. */
  private get isDropping(): boolean {
    return this.ends.oldest?.isDropped === true;
  }

  /** The oldest that is being ended has been. */
  private onEnded(): void {
    const { oldest } = this.ends;
    if (oldest) oldest.isOver = true;
    this.settle();
  }

  private onFence(): void {
    const end = this.fences.shift();
    if (end) end.isOver = true;
    this.settle();
  }

  private settle(): void {
    for (;;) {
      const { oldest } = this.ends;
      // A turn that is open ends yet, should the answers come in another order.
      if (!oldest?.isOver || this.isTurnOpen) return;
      this.ends.shift();
      if (oldest.isFlush) this.say({ type: 'flushed' });
    }
  }
}

function partOf(info: Record<string, unknown>): HeardPart {
  const words = wordsOf(info.words);
  const confidences = Array.isArray(info.words)
    ? info.words.flatMap(({ confidence }: Record<string, unknown>) => numberOf(confidence) ?? [])
    : [];
  return {
    text: stringOf(info.transcript, 'transcript').trim(),
    words,
    confidence:
      confidences.length > 0 ? confidences.reduce((sum, each) => sum + each, 0) / confidences.length : undefined,
    startMs: msOf(info.audio_window_start, 'audio_window_start'),
    endMs: msOf(info.audio_window_end, 'audio_window_end'),
  };
}
