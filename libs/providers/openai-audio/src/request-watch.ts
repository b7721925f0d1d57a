import { EngineError } from '@parley/ports';

/** Ends a request that its caller has aborted, or whose answer does not come in time. */
export class RequestWatch {
  readonly #controller = new AbortController();
  readonly #abort = () => this.end(abortedError(this.callersSignal?.reason));
  #timer: NodeJS.Timeout | undefined;
  #error: EngineError | undefined;

  constructor(private readonly callersSignal?: AbortSignal) {
    callersSignal?.addEventListener('abort', this.#abort, { once: true });
    if (callersSignal?.aborted) this.#abort();
  }

  /** For the request. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the request was ended; the client says only that it was. */
  get error(): EngineError | undefined {
    return this.#error;
  }

  /** Something has to come within `timeoutMs`, or the request ends with `engine_timeout`. */
  expect(timeoutMs: number): void {
    clearTimeout(this.#timer);
    if (this.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.end(new EngineError('engine_timeout', `OpenAI: no answer within ${timeoutMs} ms`, true));
    }, timeoutMs);
  }

  /** Nothing is waited for. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  /** Ends the request if it is not over yet, with an error where that is the reason. May be called twice. */
  end(error?: EngineError): void {
    clearTimeout(this.#timer);
    this.callersSignal?.removeEventListener('abort', this.#abort);
    if (this.signal.aborted) return;
    this.#error = error;
    this.#controller.abort();
  }
}

function abortedError(cause: unknown): EngineError {
  return new EngineError('engine_aborted', 'OpenAI: the caller aborted', false, { cause });
}
