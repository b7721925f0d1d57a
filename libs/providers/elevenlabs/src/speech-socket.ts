import type { EngineError, ProviderObserver } from '@parley/ports';
import { hangUp, openSocket } from '@parley/provider-kit';
import { WebSocket } from 'ws';
import { errorOfKind, isQuotaRefusal, kindInReason } from './refusals.js';
import { closedError, PROVIDER, protocolError, timeoutError, unavailableError } from './service.js';
import { SpeechContext } from './speech-context.js';
import { readSpeechMessage, type SpeechMessage } from './speech-message.js';

/** Texts that the provider speaks on one connection at a time. */
export const MAX_CONTEXTS = 5;

/** What a connection is made with. */
export interface SpeechSocketOptions {
  url: URL;
  apiKey: string;
  sampleRateHz: number;
  /** Of each text's first message. */
  voiceSettings: object | undefined;
  connectTimeoutMs: number;
  answerTimeoutMs: number;
  observe: ProviderObserver;
  /**
   * Called once, when the connection is gone.
   * @param isLost it was open, and nobody here closed it
   */
  onGone(socket: SpeechSocket, isLost: boolean): void;
}

/** One connection, and the texts that are being spoken on it. */
export class SpeechSocket {
  /** Resolves when it is open; may be awaited by many. */
  readonly opened: Promise<void>;
  /** By their names; those that were given up too, until the provider is done with them. */
  readonly #contexts = new Map<string, SpeechContext>();
  #socket: WebSocket | undefined;
  #reserved = 0;
  #names = 0;
  /** It takes no more texts. */
  #isRetired = false;
  #isClosed = false;
  #wasOpen = false;
  /** What it was refused or ended with. */
  #failure: EngineError | undefined;
  /** A keep-alive makes a text of its own at the provider, and takes a place. */
  #isKeptAlive = false;

  constructor(private readonly options: SpeechSocketOptions) {
    const { url, apiKey, connectTimeoutMs: timeoutMs } = options;
    // The provider's client has none for this endpoint.
    this.opened = openSocket({
      provider: PROVIDER,
      url,
      headers: { 'xi-api-key': apiKey },
      timeoutMs,
      refusal: isQuotaRefusal,
      prepare: (socket) => this.#listen(socket),
    }).then(
      () => void (this.#wasOpen = true),
      (error: unknown) => {
        this.#isRetired = true;
        throw this.#isClosed ? closedError() : error;
      },
    );
    this.opened.catch(() => undefined);
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && !this.#isRetired;
  }

  /** Nothing is spoken on it, nor about to be. */
  get isIdle(): boolean {
    return this.#contexts.size === 0 && this.#reserved === 0;
  }

  /** Texts that it would still take. */
  get room(): number {
    if (this.#isRetired || (this.#wasOpen && !this.isOpen)) return 0;
    return MAX_CONTEXTS - this.#contexts.size - this.#reserved - (this.#isKeptAlive ? 1 : 0);
  }

  /** Keeps a place, until {@link release}. */
  reserve(): void {
    this.#reserved += 1;
  }

  release(): void {
    this.#reserved -= 1;
    this.#hangUpIfDone();
  }

  /** Begins to speak a text, when it is open. */
  speak(text: string): SpeechContext {
    const { sampleRateHz, voiceSettings, answerTimeoutMs } = this.options;
    const name = `text-${++this.#names}`;
    const context: SpeechContext = new SpeechContext({
      text,
      sampleRateHz,
      answerTimeoutMs,
      onTimeout: () => {
        // A connection on which nothing comes is not to be waited for again.
        this.#isRetired = true;
        context.fail(timeoutError('voice', answerTimeoutMs));
      },
      sendClose: () => this.#send({ context_id: name, close_context: true }),
      onGone: () => {
        this.#contexts.delete(name);
        this.#hangUpIfDone();
      },
    });
    this.#contexts.set(name, context);
    if (!this.isOpen) {
      context.fail(this.#failure ?? unavailableError('the connection closed'));
      context.settle();
      return context;
    }
    this.#send({ text: ' ', context_id: name, ...(voiceSettings && { voice_settings: voiceSettings }) });
    this.#send({ text: `${text} `, context_id: name, flush: true });
    return context;
  }

  /** Keeps an idle connection from being closed by the provider. */
  keepAlive(): void {
    if (!this.isOpen) return;
    this.#isKeptAlive = true;
    this.#send({ text: '' });
  }

  /** Ends it, and what is spoken on it with `engine_closed`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#failAll(closedError());
    if (this.#socket) await hangUp(this.#socket);
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message = readSpeechMessage((data as Buffer).toString());
      if (message) this.#take(message);
      else this.#breakOff(protocolError('a message is no JSON object'));
    });
    socket.on('close', (_code, reason) => {
      const kind = kindInReason(reason.toString());
      const cause = new Error(reason.toString());
      this.#failAll(kind ? errorOfKind(kind, cause) : unavailableError('the connection closed', cause));
      this.options.onGone(this, this.#wasOpen && !this.#isClosed);
    });
  }

  #take(message: SpeechMessage): void {
    const { observe } = this.options;
    const context = message.context === undefined ? undefined : this.#contexts.get(message.context);
    if (message.errorKind !== undefined) {
      const error = errorOfKind(message.errorKind, new Error(message.raw));
      if (!context) return this.#failAll(error);
      // The connection is closed after an error, whichever text it is of.
      this.#isRetired = true;
      context.fail(error);
      return context.settle();
    }
    if (!message.isKnown) return observe('ignored_message');
    if (context && !context.isLeft) return context.take(message, observe);
    if (message.audio != null) observe('late');
    if (message.isFinal) context?.settle();
  }

  #breakOff(error: EngineError): void {
    this.#failAll(error);
    this.#socket?.terminate();
  }

  /** Ends every text, and takes no more. */
  #failAll(error: EngineError): void {
    this.#isRetired = true;
    this.#failure ??= error;
    for (const context of [...this.#contexts.values()]) {
      context.fail(error);
      context.settle();
    }
  }

  #hangUpIfDone(): void {
    if (this.#isRetired && this.isIdle && this.#socket) void hangUp(this.#socket);
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
