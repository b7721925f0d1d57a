import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import { EngineError, type EngineErrorCode } from '@parley/ports';
import { continuing, withSaid } from './continuation.js';
import type { FallbackEntry, FallbackOptions } from './fallback-options.js';
import { hasToolCall, ModelRequest } from './model-request.js';

/** Makes a request to a model. */
export type AskModel = (
  entry: FallbackEntry,
  messages: BaseMessage[],
  signal: AbortSignal,
) => Promise<AsyncIterable<AIMessageChunk>>;

/**
 * After these nobody else is asked. `engine_input` does not tell a conversation that is too long from one that is refused
 * for another reason: the next model would refuse it as well as a rule, and the caller would wait for all of them.
 */
const FINAL: ReadonlySet<EngineErrorCode> = new Set(['engine_aborted', 'engine_input']);

/** One answer, by as many models as it takes. */
export class FallbackAnswer {
  /** Those that have not failed yet, and that may be asked. */
  private readonly left: FallbackEntry[];
  private readonly running = new Set<ModelRequest>();
  private said = '';
  private hasCalls = false;

  constructor(
    private readonly options: FallbackOptions,
    private readonly messages: readonly BaseMessage[],
    private readonly ask: AskModel,
    private readonly signal: AbortSignal | undefined,
  ) {
    const { entries, healthOf } = options;
    const healthy = entries.filter(({ provider }) => !healthOf?.(provider).isOpen());
    this.left = [...(healthy.length > 0 ? healthy : entries)];
  }

  /** @throws {EngineError} what the last model failed with, or the first for which another one is no remedy */
  async *chunks(): AsyncGenerator<AIMessageChunk, void, undefined> {
    const cancel = () => this.cancel();
    this.signal?.addEventListener('abort', cancel);
    try {
      if (this.signal?.aborted) throw this.aborted();
      let request: ModelRequest | undefined = await this.firstToBegin(this.start());
      while (request) request = yield* this.handOn(request);
    } finally {
      this.signal?.removeEventListener('abort', cancel);
      this.cancel();
    }
  }

  /** Hands on one model's answer; gives back the request that is to go on with it when it broke off. */
  private async *handOn(request: ModelRequest): AsyncGenerator<AIMessageChunk, ModelRequest | undefined, undefined> {
    const before = this.said;
    try {
      for await (const chunk of request.answer()) {
        const isFirst = this.said === before;
        const part = before === '' ? chunk : continuing(chunk, this.said, isFirst);
        this.said += part.text;
        this.hasCalls ||= hasToolCall(part);
        yield part;
      }
    } catch (thrown) {
      const next = this.replace(request, thrown as EngineError);
      return this.firstToBegin(next);
    }
    if (this.signal?.aborted) throw this.aborted();
    this.running.delete(request);
    this.options.healthOf?.(request.entry.provider).succeeded();
    return undefined;
  }

  /** The first of two requests at most that begins to answer; whatever fails is replaced. */
  private async firstToBegin(only: ModelRequest): Promise<ModelRequest> {
    let first = only;
    let hedge: ModelRequest | undefined;
    for (;;) {
      const { request, error } = await this.begunOrLate(first, hedge);
      const other = request === first ? hedge : first;
      if (!request) hedge = this.canStart() ? this.start() : undefined;
      else if (!error) {
        if (hedge) this.options.observer?.onHedge?.({ provider: hedge.entry.provider, won: request === hedge });
        if (other) this.drop(other);
        return request;
      } else if (!other) first = this.replace(request, error);
      else {
        const won = other === hedge && !FINAL.has(error.code);
        this.options.observer?.onHedge?.({ provider: (hedge as ModelRequest).entry.provider, won });
        this.fail(request, error);
        if (won) this.tellFallback(request, other, error);
        [first, hedge] = [other, undefined];
      }
    }
  }

  /** Which request has begun or failed; none when it is time for a second one. */
  private async begunOrLate(
    first: ModelRequest,
    hedge: ModelRequest | undefined,
  ): Promise<{ request?: ModelRequest; error?: EngineError }> {
    const { hedgeAfterMs } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const outcomes = [first, ...(hedge ? [hedge] : [])].map((request) =>
      request.begun.then(
        () => ({ request }),
        (error: EngineError) => ({ request, error }),
      ),
    );
    const late = new Promise<{ request?: ModelRequest }>((resolve) => {
      if (hedge || hedgeAfterMs === undefined || !this.canStart()) return;
      timer = setTimeout(() => resolve({}), hedgeAfterMs);
    });
    const outcome = await Promise.race([...outcomes, late]);
    clearTimeout(timer);
    if (this.signal?.aborted) throw this.aborted();
    return outcome;
  }

  /** Asks the next model instead. @throws {EngineError} the given one, when it is final or there is no other model */
  private replace(request: ModelRequest, error: EngineError): ModelRequest {
    this.fail(request, error);
    // A tool call that is open cannot be taken back from whoever reads, and not gone on with.
    if (this.hasCalls || !this.canStart()) throw error;
    const next = this.start();
    this.tellFallback(request, next, error);
    return next;
  }

  /** Takes a model out. @throws {EngineError} the given one, when it is final */
  private fail(request: ModelRequest, error: EngineError): void {
    if (this.signal?.aborted) throw this.aborted();
    this.drop(request);
    this.left.splice(this.left.indexOf(request.entry), 1);
    if (error.code !== 'engine_aborted') this.options.healthOf?.(request.entry.provider).failed(error);
    if (FINAL.has(error.code)) throw error;
  }

  private tellFallback(from: ModelRequest, to: ModelRequest, { code }: EngineError): void {
    const event = { from: from.entry.provider, to: to.entry.provider, code, mid: this.said !== '' };
    this.options.observer?.onFallback?.(event);
  }

  private canStart(): boolean {
    return this.idle().length > 0;
  }

  private start(): ModelRequest {
    const [entry] = this.idle();
    if (!entry) throw new EngineError('engine_settings', 'there is no language model to ask', false);
    const { provider } = entry;
    const request = new ModelRequest(
      entry,
      (signal) => this.ask(entry, withSaid(this.messages, this.said), signal),
      (usage) => this.options.observer?.onUsage?.({ provider, usage }),
    );
    this.running.add(request);
    return request;
  }

  private idle(): FallbackEntry[] {
    const busy = new Set([...this.running].map(({ entry }) => entry));
    return this.left.filter((entry) => !busy.has(entry));
  }

  private drop(request: ModelRequest): void {
    this.running.delete(request);
    request.cancel();
  }

  private cancel(): void {
    for (const request of this.running) this.drop(request);
  }

  private aborted(): EngineError {
    return new EngineError('engine_aborted', 'the caller aborted', false, { cause: this.signal?.reason });
  }
}
