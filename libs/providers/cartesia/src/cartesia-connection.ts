import type { GenerationRequest } from '@cartesia/cartesia-js/resources/tts.js';
import { EngineError, type ProviderObserver } from '@parley/ports';
import { hangUp } from '@parley/provider-kit';
import { WebSocket } from 'ws';
import type { OpenedSocket } from './open-connection.js';
import { readServerMessage, type ServerMessage } from './server-message.js';
import type { SpokenText } from './spoken-text.js';

/** What a connection is made with. */
export interface ConnectionOptions extends OpenedSocket {
  observe: ProviderObserver;
  /** It closes when it has spoken nothing for so long. */
  maxIdleMs: number;
  /** Called once, when it takes no more texts. */
  onGone(): void;
  /** Called once, when its socket is closed. */
  onClosed(): void;
}

/** A socket that speaks several texts at a time, each in its own context. */
export class CartesiaConnection {
  readonly #texts = new Map<string, SpokenText>();
  #idle: NodeJS.Timeout | undefined;
  #gone = false;

  constructor(private readonly options: ConnectionOptions) {
    const { socket } = options;
    socket.on('message', (data) => this.#hear(readServerMessage((data as Buffer).toString('utf8'))));
    socket.on('close', () => {
      this.#leave();
      options.onClosed();
      this.#failAll(closedError());
    });
    this.#waitIdle();
  }

  /** Texts that it speaks now. */
  get texts(): number {
    return this.#texts.size;
  }

  /** Takes texts. */
  get open(): boolean {
    return !this.#gone && this.options.socket.readyState === WebSocket.OPEN;
  }

  /**
   * Begins a text.
   * @throws {EngineError} `engine_unavailable` when it has closed in the meantime
   */
  speak(request: GenerationRequest, text: SpokenText): void {
    if (!this.open) throw closedError();
    clearTimeout(this.#idle);
    this.#texts.set(request.context_id, text);
    void this.options.sender.send(request);
  }

  /** Nobody reads this text any more: what is not spoken of it is cancelled. */
  drop(contextId: string): void {
    const text = this.#texts.get(contextId);
    if (!text) return;
    this.#texts.delete(contextId);
    const { sender, socket } = this.options;
    if (socket.readyState === WebSocket.OPEN) void sender.cancelContext(contextId);
    // Where one answer did not come, others will not either.
    if (text.error?.code === 'engine_timeout') this.#leave();
    this.#rest();
  }

  /** Ends it, and with it what it speaks. */
  async close(error: EngineError): Promise<void> {
    this.#leave();
    for (const text of this.#texts.values()) text.fail(error);
    this.#texts.clear();
    await hangUp(this.options.socket);
  }

  #hear(message: ServerMessage): void {
    const { observe } = this.options;
    if (message.type === 'unknown') {
      observe('ignored_message');
      return;
    }
    if (message.type === 'stray_error') {
      this.#failAll(message.error);
      if (message.error.code === 'engine_protocol') void this.close(message.error);
      return;
    }
    const text = this.#texts.get(message.contextId);
    if (!text) {
      if (message.type === 'audio') observe('late');
      return;
    }
    if (message.type === 'error') {
      text.fail(message.error);
      // Over there it goes on, where only we do not understand: its reader cancels it then.
      if (message.error.code !== 'engine_protocol') this.#over(message.contextId);
      return;
    }
    if (message.type === 'audio') text.acceptAudio(message.bytes);
    if (message.type === 'words') text.acceptWords(message.words);
    if (message.type === 'done' || message.isLast) {
      text.finish();
      this.#over(message.contextId);
    }
  }

  #over(contextId: string): void {
    this.#texts.delete(contextId);
    this.#rest();
  }

  #failAll(error: EngineError): void {
    for (const text of this.#texts.values()) text.fail(error);
    this.#texts.clear();
    this.#rest();
  }

  /** Takes no more texts. */
  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#idle);
    this.options.onGone();
  }

  #rest(): void {
    if (this.#texts.size > 0) return;
    if (this.#gone) void this.close(closedError());
    else this.#waitIdle();
  }

  #waitIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.close(closedError()), this.options.maxIdleMs);
    this.#idle.unref();
  }
}

function closedError(): EngineError {
  return new EngineError('engine_unavailable', 'Cartesia: the connection was closed', true);
}
