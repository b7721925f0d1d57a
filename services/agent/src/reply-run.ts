import type { EventType, Payload } from '@parley/contracts';
import { EngineError } from '@parley/ports';
import { errorOf, type Log } from '@parley/telemetry';
import type { AgentMetrics } from './agent-metrics.js';
import type { BegunCall } from './conversation-run.js';
import type { Conversation } from './conversation.js';
import { SentenceAssembler, type AssembledSentence } from './sentence-assembler.js';
import type { TurnCommand } from '@parley/session-log';

/** What a reply writes to. */
export interface ReplyOutput {
  /**
   * Publishes an event and folds it into the session's state. After an interruption only tools' events come.
   * @returns whether it was stored
   */
  emit<T extends EventType>(type: T, payload: Payload<T>): Promise<boolean>;
  /** Text for clients, as it streams. */
  text(reply: number, text: string): void;
}

/** What a reply is made with. */
export interface ReplyRunOptions {
  conversation: Conversation;
  command: Extract<TurnCommand, { type: 'start' }>;
  output: ReplyOutput;
  engine: string;
  timeoutMs: number;
  metrics: AgentMetrics;
  log: Log;
  /** Tools of the agent: a model may ask for others, whose names must not become metrics. */
  tools: ReadonlySet<string>;
  /** What an earlier owner published of this reply: it is not published again. */
  published?: PublishedText;
  /** Calls that an earlier owner began and of which nobody knows what became. */
  begunCalls?: readonly BegunCall[];
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
  private readonly assembler: SentenceAssembler;
  private readonly now: () => number;
  private readonly startedAt: number;
  private readonly published: PublishedText;
  /** Every sentence published, the earlier owner's included. */
  private readonly sentences: string[];
  /** Ordinal of the sentence that the model is writing. */
  private next: number;
  /** Stands between what was published and what is written now. */
  private space = '';
  /** Text written that clients have not been told. */
  private untold = '';
  private ttftMs: number | undefined;
  /** Calls told, with whether the log has them. */
  private readonly calls = new Map<string, PendingCall>();

  constructor(private readonly options: ReplyRunOptions) {
    this.reply = options.command.reply;
    this.now = options.now ?? (() => performance.now());
    this.startedAt = this.now();
    this.published = options.published ?? { sentences: [], before: 0 };
    this.sentences = [...this.published.sentences];
    this.next = this.published.before;
    const goesOn = this.next > 0;
    if (goesOn) this.space = ' ';
    this.assembler = new SentenceAssembler(goesOn ? { firstClauseChars: Infinity } : {});
  }

  /** Whether it was interrupted. */
  get interrupted(): boolean {
    return this.abort.signal.aborted;
  }

  /** Stops the model; a tool that runs may still return, which is told because it has happened. */
  interrupt(): void {
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
        else if (part.type === 'tool_called') this.onToolCalled(part);
        else if (part.type === 'tool_returned') this.onToolReturned(part);
      }
      if (this.interrupted) return;
      this.publish(this.assembler.end());
      this.end('completed');
    } catch (error) {
      if (this.interrupted) return;
      this.options.log.warn(errorOf(error), 'the reply failed');
      this.publish(this.assembler.end());
      this.end('failed', error);
    } finally {
      if (this.interrupted) metrics.replies.inc({ engine, outcome: 'interrupted' });
    }
  }

  private onToken(token: string): void {
    if (token === '') return;
    if (this.ttftMs === undefined) {
      this.ttftMs = this.now() - this.startedAt;
      this.options.metrics.ttft.observe({ engine: this.options.engine }, this.ttftMs / 1000);
    }
    const text = /^\s/.test(token) ? token : this.space + token;
    this.space = '';
    this.untold += text;
    this.publish(this.assembler.push(text));
    if (this.next < this.published.sentences.length || this.untold === '') return;
    this.options.output.text(this.reply, this.untold);
    this.untold = '';
  }

  private onToolCalled({ callId, tool, args }: Extract<Part, { type: 'tool_called' }>): void {
    // It is heard while the tool works.
    if (!this.interrupted) this.publish(this.assembler.flush());
    this.next = Math.max(this.next, this.published.sentences.length);
    void this.emit('tool.called', { callId, tool, args }).then(this.call(callId).settle);
  }

  private onToolReturned(part: Extract<Part, { type: 'tool_returned' }>): void {
    const { callId, tool, ok, result, state, durationMs } = part;
    const known = this.options.tools.has(tool) ? tool : 'unknown';
    this.options.metrics.tools.inc({ tool: known, outcome: ok ? 'ok' : 'failed' });
    void this.emit('tool.returned', { callId, tool, ok, result, durationMs, ...(state !== undefined && { state }) });
  }

  private publish(pieces: AssembledSentence[]): void {
    for (const { text, spoken } of pieces) {
      const sentence = this.next++;
      if (sentence < this.published.sentences.length) {
        this.untold = this.untold.slice(text.length);
        continue;
      }
      if (sentence === 0) {
        const { metrics, engine } = this.options;
        metrics.firstSentence.observe({ engine }, (this.now() - this.startedAt) / 1000);
      }
      this.sentences.push(text);
      void this.emit('reply.sentence', { sentence, text, spoken });
    }
  }

  private end(outcome: 'completed' | 'failed', error?: unknown): void {
    const { command, metrics, engine, output } = this.options;
    metrics.replies.inc({ engine, outcome });
    void output.emit('reply.ended', {
      reply: this.reply,
      turn: command.turn,
      outcome,
      sentences: this.sentences.length,
      text: this.sentences.join(''),
      ...(this.ttftMs !== undefined && { ttftMs: this.ttftMs }),
      durationMs: this.now() - this.startedAt,
      ...(error !== undefined && { error: describe(error) }),
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
