import { EngineError } from '@parley/ports';

/** What a reply yields, in order; `done` is the last. */
export type ReplyPart =
  | { type: 'token'; text: string }
  /** Said while a tool works that takes long. */
  | { type: 'filler'; callId: string; text: string }
  | { type: 'tool_called'; callId: string; tool: string; args: Record<string, unknown> }
  | {
      type: 'tool_returned';
      callId: string;
      tool: string;
      ok: boolean;
      result: unknown;
      /** The agent's new state; absent when the tool left it alone. */
      state?: unknown;
      durationMs: number;
    }
  | { type: 'done'; text: string; ttftMs?: number; usage?: TokenUsage };

/** Tokens of all the model's answers in one reply. */
export interface TokenUsage {
  inputTokens: number;
  outputTokens: number;
}

/** A call that was begun, as the log has it. */
export interface BegunCall {
  callId: string;
  tool: string;
}

/** What a {@link ConversationRun} is made of. */
export interface ConversationRunOptions {
  reply: number;
  signal: AbortSignal;
  deadlineMs?: number;
  beforeTool?(callId: string): Promise<boolean>;
  begunCalls?: readonly BegunCall[];
}

/** How many parts may wait for the reader before the model is made to wait. */
const MAX_WAITING_PARTS = 256;

/** One reply being made: what its graph nodes share beside the graph's state, and the way out to the reader. */
export class ConversationRun {
  /** All tokens so far. */
  text = '';
  ttftMs: number | undefined;
  usage: TokenUsage | undefined;
  /** Why the reply ended early. */
  failure: EngineError | undefined;
  /** The model has written words, fillers not counted. */
  hasAnswered = false;
  readonly signal: AbortSignal;
  /** Aborted when the conversation is closed, whatever the reply was stopped for before. */
  readonly closing: AbortSignal;
  readonly reply: number;
  private readonly callerSignal: AbortSignal;
  private readonly stop = new AbortController();
  private readonly close = new AbortController();
  private readonly startedMs = performance.now();
  private readonly deadline: NodeJS.Timeout;
  private readonly onAbort: () => void;
  private readonly waiting: ReplyPart[] = [];
  private ended = false;
  private wakeReader = () => {};
  private wakeWriter = () => {};

  constructor(
    readonly sessionId: string,
    private readonly options: ConversationRunOptions,
  ) {
    const { reply, signal: callerSignal, deadlineMs = 60_000 } = options;
    this.reply = reply;
    this.callerSignal = callerSignal;
    this.signal = this.stop.signal;
    this.closing = this.close.signal;
    // Made where they are needed: an error costs its stack, and few replies need one.
    const late = () => new EngineError('engine_timeout', 'the reply was not finished in time', true);
    const aborted = () => new EngineError('engine_aborted', 'the reply was aborted', false);
    this.deadline = setTimeout(() => this.abort(late()), deadlineMs);
    this.onAbort = () => {
      const { reason } = callerSignal as { reason?: unknown };
      if (reason instanceof EngineError) this.abort(reason);
      else this.abort((reason as Error | undefined)?.name === 'TimeoutError' ? late() : aborted());
    };
    if (callerSignal.aborted) this.onAbort();
    else callerSignal.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Stops everything at once; the first reason stands. */
  abort(reason: EngineError): void {
    this.failure ??= reason;
    this.stop.abort(reason);
    this.wakeWriter();
  }

  /** The conversation is closed: nothing is waited for any longer than it takes. */
  abandon(reason: EngineError): void {
    this.abort(reason);
    this.close.abort(reason);
  }

  /** Notes why the model or the graph failed, unless the reply was stopped before. */
  fail(thrown: unknown): void {
    this.failure ??=
      thrown instanceof EngineError
        ? thrown
        : new EngineError('engine_unavailable', 'the language model failed', true, { cause: thrown });
  }

  addUsage(inputTokens: number, outputTokens: number): void {
    this.usage = {
      inputTokens: (this.usage?.inputTokens ?? 0) + inputTokens,
      outputTokens: (this.usage?.outputTokens ?? 0) + outputTokens,
    };
  }

  /** Passes text on. */
  async token(text: string): Promise<void> {
    this.ttftMs ??= performance.now() - this.startedMs;
    this.text += text;
    this.hasAnswered ||= text.trim() !== '';
    await this.emit({ type: 'token', text });
  }

  /** Says something beside what the model writes. @returns it as it stands in the reply */
  fill(callId: string, words: string): string {
    const text = /\S$/.test(this.text) ? ` ${words}` : words;
    this.text += text;
    void this.emit({ type: 'filler', callId, text });
    return text;
  }

  /** Passes a part on; waits while the reader is far behind, unless the reply is over anyway. */
  async emit(part: ReplyPart): Promise<void> {
    this.waiting.push(part);
    this.wakeReader();
    while (this.waiting.length >= MAX_WAITING_PARTS && !this.signal.aborted)
      await new Promise<void>((resolve) => (this.wakeWriter = resolve));
  }

  /** Whether a tool may be called now that its call was told. */
  async mayCall(callId: string): Promise<boolean> {
    return this.options.beforeTool?.(callId) ?? true;
  }

  /** Whether an earlier owner began this call. */
  wasBegun(callId: string, tool: string): boolean {
    return this.options.begunCalls?.some((call) => call.callId === callId && call.tool === tool) ?? false;
  }

  /** No part follows. */
  end(): void {
    clearTimeout(this.deadline);
    this.callerSignal.removeEventListener('abort', this.onAbort);
    this.ended = true;
    this.wakeReader();
  }

  /** The parts as they come; one reader. */
  async *parts(): AsyncGenerator<ReplyPart> {
    for (;;) {
      const part = this.waiting.shift();
      if (part) {
        this.wakeWriter();
        yield part;
      } else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wakeReader = resolve));
    }
  }
}
