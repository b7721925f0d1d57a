import type { GenerationRequest } from '@cartesia/cartesia-js/resources/tts.js';
import { EngineError, type ProviderObserver } from '@parley/ports';
import { CartesiaConnection } from './cartesia-connection.js';
import type { OpenedSocket } from './open-connection.js';
import type { SpokenText } from './spoken-text.js';

/** Texts that one connection speaks at a time; Cartesia says that dozens are no trouble. */
const MAX_TEXTS = 16;

/** What a pool is made with. */
export interface ConnectionPoolOptions {
  open(signal: AbortSignal): Promise<OpenedSocket>;
  observe: ProviderObserver;
  maxIdleMs: number;
}

/** Connections that are kept open between texts; those that died are made again when they are needed. */
export class ConnectionPool {
  /** Until their sockets are closed. */
  readonly #connections = new Set<CartesiaConnection>();
  readonly #abort = new AbortController();
  #opening: Promise<void> | undefined;
  #lost = 0;

  constructor(private readonly options: ConnectionPoolOptions) {}

  /**
   * Sees to it that there is a connection with room for a text.
   * @throws {EngineError} `engine_closed`, and whatever opening throws
   */
  async warm(): Promise<void> {
    await this.#withRoom(() => undefined);
  }

  /**
   * Begins a text, on a connection that has room or is opened for it; not one that has failed by then.
   * @throws {EngineError} `engine_closed`, and whatever opening throws
   */
  async speak(request: GenerationRequest, text: SpokenText): Promise<void> {
    await this.#withRoom((connection) => {
      if (!text.error) connection.speak(request, text);
    });
  }

  /** Nobody reads this text any more. */
  drop(contextId: string): void {
    for (const connection of this.#connections) connection.drop(contextId);
  }

  /** Ends every connection, and what it speaks. May be called twice. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#opening?.catch(() => undefined);
    await Promise.all([...this.#connections].map((connection) => connection.close(closedError())));
  }

  /** `use` is called as soon as there is a connection: with a wait between the two others would take the room. */
  async #withRoom(use: (connection: CartesiaConnection) => void): Promise<void> {
    for (;;) {
      if (this.#abort.signal.aborted) throw closedError();
      const [least] = [...this.#connections].filter(({ open }) => open).sort((a, b) => a.texts - b.texts);
      if (least && least.texts < MAX_TEXTS) {
        use(least);
        return;
      }
      this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
      await this.#opening;
    }
  }

  async #open(): Promise<void> {
    const { open, observe, maxIdleMs } = this.options;
    const opened = await open(this.#abort.signal).catch((error: unknown) => {
      throw this.#abort.signal.aborted ? closedError() : error;
    });
    const connection: CartesiaConnection = new CartesiaConnection({
      ...opened,
      observe,
      maxIdleMs,
      onGone: () => (this.#lost += 1),
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    if (this.#lost > 0) {
      this.#lost -= 1;
      observe('reconnected');
    }
  }
}

function closedError(): EngineError {
  return new EngineError('engine_closed', 'Cartesia: the engine is closed', false);
}
