import type { EventType, Payload } from '@parley/contracts';
import { EngineError, HANG_UP_TOOL, SEND_DIGITS_TOOL } from '@parley/ports';
import { errorOf, type Log } from '@parley/telemetry';
import type { AgentMetrics } from './agent-metrics.js';
import type { BegunCall } from './conversation-run.js';
import type { Conversation } from './conversation.js';
import { ReplyInterrupted } from './reply-stopped.js';
import { ReplyText, type Stretch } from './reply-text.js';
import type { AssembledSentence } from './sentence-assembler.js';
import { ToldText } from './told-text.js';
import type { StartCommand } from '@parley/session-log';

/** What a reply writes to. */
export interface ReplyOutput {
  /**
   * Publishes an event and folds it into the session's state. After an interruption only tools' events come.
   * @returns whether it was stored
   */
  emit<T extends EventType>(type: T, payload: Payload<T>): Promise<boolean>;
  /** Text for clients, as it streams. */
  text(reply: number, text: string, speaker?: string): void;
}

/** What a reply is made with. */
export interface ReplyRunOptions {
  conversation: Conversation;
  command: StartCommand;
  output: ReplyOutput;
  engine: string;
  timeoutMs: number;
  metrics: AgentMetrics;
  log: Log;
  /** Tools of the agent: a model may ask for others, whose names must not become metrics. */
  tools: ReadonlySet<string>;
  /** Who may speak beside the agent itself. */
  speakers?: readonly string[];
  /** Which sentences cannot be interrupted. */
  isNotice?: (sentence: string) => boolean;
  /** What an earlier owner published of this reply: it is not published again. */
  published?: PublishedText;
  /** Calls that an earlier owner began and of which nobody knows what became. */
  begunCalls?: readonly BegunCall[];
  /** The turn may not be over yet: {@link ReplyRun.turnEnded} or {@link ReplyRun.discard} follows. */
  isEarly?: boolean;
  /** The agent has hung up in this reply, under an earlier owner. */
  hasHungUp?: boolean;
  now?: () => number;
}

/** The part of a reply that is published already. */
export interface PublishedText {
  sentences: readonly string[];
  /** How many of them come before what the model will write now. */
  before: number;
}

/** Makes one reply: streams the model, assembles sentences, reports tools, and ends in exactly one way. */
export class ReplyRun {
  readonly reply: number;
  private readonly abort = new AbortController();
  private readonly text: ReplyText;
  private readonly now: () => number;
  /** When the turn was over, or the reply was begun while it is not. */
  private startedAt: number;
  /** The turn may not be over. */
  private isEarly: boolean;
  private isDiscarded = false;
  /** Pieces of text that the model has streamed. */
  tokens = 0;
  private readonly published: PublishedText;
  /** Every sentence published, the earlier owner's included. */
  private readonly sentences: string[];
  /** Ordinal of the sentence that the model is writing. */
  private next: number;
  /** The filler of the tool that is being called was said by an earlier owner. */
  private isFilled = false;
  /** Stands between what was published and what is written now. */
  private space = '';
  private readonly told: ToldText;
  private ttftMs: number | undefined;
  /** Keys to be pressed, by call. */
  private readonly digits = new Map<string, string>();
  private hasHungUp: boolean;
  /** Calls told, with whether the log has them. */
  private readonly calls = new Map<string, PendingCall>();

  constructor(private readonly options: ReplyRunOptions) {
    this.reply = options.command.reply;
    this.now = options.now ?? (() => performance.now());
    this.startedAt = this.now();
    this.isEarly = options.isEarly ?? false;
    this.published = options.published ?? { sentences: [], before: 0 };
    this.sentences = [...this.published.sentences];
    this.next = this.published.before;
    this.hasHungUp = options.hasHungUp ?? false;
    this.told = new ToldText(
      () => this.next < this.published.sentences.length,
      (text, speaker) => options.output.text(this.reply, text, speaker),
    );
    const goesOn = this.next > 0;
    if (goesOn) this.space = ' ';
    this.text = new ReplyText(options.speakers ?? [], goesOn ? { firstClauseChars: Infinity } : {});
  }

  /** Whether it was interrupted. */
  get interrupted(): boolean {
    return this.abort.signal.aborted;
  }

  /** Stops the model because the caller has interrupted; what a tool that runs returns is told all the same. */
  interrupt(): void {
    this.told.tell();
    this.abort.abort(new ReplyInterrupted());
  }

  /** Stops everything because the session is over or lost. */
  stop(): void {
    this.abort.abort();
  }

  /** The turn was over with what the reply answers: times count from now. */
  turnEnded(): void {
    this.isEarly = false;
    this.startedAt = this.now();
    const { metrics, engine } = this.options;
    if (this.ttftMs !== undefined) {
      this.ttftMs = 0;
      metrics.ttft.observe({ engine }, 0);
    }
    if (this.next > 0) metrics.firstSentence.observe({ engine }, 0);
  }

  /** The turn went on: nobody will know of the reply. */
  discard(): void {
    this.isDiscarded = true;
    this.abort.abort();
  }

  /** Stops the model because another owner goes on; a tool that runs is let finish, for a while. */
  handOver(): void {
    this.abort.abort(new EngineError('engine_closed', 'the session is handed over', false));
  }

  /** Runs to the end. Never rejects: a failure ends the reply as failed. */
  async run(): Promise<void> {
    const { conversation, command, timeoutMs: deadlineMs, metrics, engine, begunCalls } = this.options;
    const { reply, userText } = command;
    const { signal } = this.abort;
    try {
      const beforeTool = (callId: string) => this.call(callId).stored;
      const request = { reply, userText, signal, deadlineMs, beforeTool, ...(begunCalls && { begunCalls }) };
      for await (const part of conversation.reply(request)) {
        if (part.type === 'token' && !this.interrupted) this.onToken(part.text);
        else if (part.type === 'filler') this.onFiller(part);
        else if (part.type === 'tool_called') this.onToolCalled(part);
        else if (part.type === 'tool_returned') this.onToolReturned(part);
      }
      if (this.interrupted) return;
      this.write(this.text.flush());
      this.end('completed');
    } catch (error) {
      if (this.interrupted) return;
      this.options.log.warn(errorOf(error), 'the reply failed');
      this.write(this.text.flush());
      this.end('failed', error);
    } finally {
      if (this.interrupted && !this.isDiscarded) metrics.replies.inc({ engine, outcome: 'interrupted' });
    }
  }

  private onToken(token: string): void {
    if (token === '') return;
    this.tokens++;
    if (this.ttftMs === undefined) {
      this.ttftMs = this.now() - this.startedAt;
      if (!this.isEarly) this.options.metrics.ttft.observe({ engine: this.options.engine }, this.ttftMs / 1000);
    }
    this.write(this.text.push(this.spaced(token)));
  }

  private onFiller({ text }: Extract<Part, { type: 'filler' }>): void {
    if (this.interrupted || this.isFilled) return;
    this.options.metrics.fillers.inc();
    this.write([...this.text.push(this.spaced(text)), ...this.text.flush()]);
  }

  private spaced(text: string): string {
    const spaced = /^\s/.test(text) ? text : this.space + text;
    this.space = '';
    return spaced;
  }

  private write(stretches: readonly Stretch[]): void {
    for (const { text, speaker, sentences } of stretches) {
      this.told.add(text, speaker);
      this.publish(sentences);
    }
  }

  private onToolCalled({ callId, tool, args }: Extract<Part, { type: 'tool_called' }>): void {
    // It is heard while the tool works.
    if (!this.interrupted) this.write(this.text.flush());
    this.told.tell();
    // What an earlier owner published beyond the model's words was said while it called the tool.
    this.isFilled = this.next < this.published.sentences.length;
    this.next = Math.max(this.next, this.published.sentences.length);
    if (typeof args.digits === 'string') this.digits.set(callId, args.digits);
    void this.emit('tool.called', { callId, tool, args }).then(this.call(callId).settle);
  }

  private onToolReturned(part: Extract<Part, { type: 'tool_returned' }>): void {
    const { callId, tool, ok, result, state, durationMs } = part;
    if (tool === HANG_UP_TOOL && ok) this.hasHungUp = true;
    if (tool === SEND_DIGITS_TOOL && ok && !this.interrupted) this.publish([this.digitsOf(callId)]);
    const known = this.options.tools.has(tool) ? tool : 'unknown';
    this.options.metrics.tools.inc({ tool: known, outcome: ok ? 'ok' : 'failed' });
    void this.emit('tool.returned', { callId, tool, ok, result, durationMs, ...(state !== undefined && { state }) });
  }

  /** Keys that a call presses, as a sentence of their own: behind all that was said before. */
  private digitsOf(callId: string): PublishedPiece {
    return { text: '', spoken: '', digits: this.digits.get(callId) ?? '' };
  }

  private publish(pieces: PublishedPiece[]): void {
    for (const { text, ...said } of pieces) {
      const sentence = this.next++;
      if (sentence < this.published.sentences.length) {
        this.told.skip(text.length);
        continue;
      }
      if (sentence === 0 && !this.isEarly) {
        const { metrics, engine } = this.options;
        metrics.firstSentence.observe({ engine }, (this.now() - this.startedAt) / 1000);
      }
      this.sentences.push(text);
      const isNotice = this.options.isNotice?.(text) ?? false;
      void this.emit('reply.sentence', { sentence, text, ...said, ...(isNotice && { interruptible: false }) });
    }
  }

  private end(outcome: 'completed' | 'failed', error?: unknown): void {
    this.told.tell();
    const { command, metrics, engine, output } = this.options;
    metrics.replies.inc({ engine, outcome });
    void output.emit('reply.ended', {
      reply: this.reply,
      turn: command.turn,
      outcome,
      sentences: this.sentences.length,
      text: this.sentences.join(''),
      // One that is ready before the turn is over is there at once.
      ...(this.ttftMs !== undefined && { ttftMs: this.isEarly ? 0 : this.ttftMs }),
      durationMs: this.now() - this.startedAt,
      ...(error !== undefined && { error: describe(error) }),
      ...(this.hasHungUp && { hangUp: true }),
    });
  }

  private call(callId: string): PendingCall {
    const known = this.calls.get(callId);
    if (known) return known;
    let settle: PendingCall['settle'] = () => {};
    const stored = new Promise<boolean>((resolve) => (settle = resolve));
    const call = { stored, settle };
    this.calls.set(callId, call);
    return call;
  }

  private emit<T extends EventType>(type: T, payload: Omit<Payload<T>, 'reply'>): Promise<boolean> {
    return this.options.output.emit(type, { reply: this.reply, ...payload } as unknown as Payload<T>);
  }
}

type PublishedPiece = AssembledSentence & { digits?: string };

interface PendingCall {
  stored: Promise<boolean>;
  settle: (isStored: boolean) => void;
}

type Part = ReturnType<Conversation['reply']> extends AsyncIterable<infer P> ? P : never;

function describe(error: unknown): { code: string; message: string } {
  const engineCode = error instanceof EngineError ? error.code : undefined;
  const timedOut = (error as Error).name === 'TimeoutError' || engineCode === 'engine_timeout';
  const reason = timedOut ? 'engine_timeout' : (engineCode ?? 'internal');
  return { code: 'reply_failed', message: `the agent could not answer this turn (${reason}): say it again` };
}
