import { EngineError, type ProviderObserver, type SpeechToTextEvent, type SpeechToTextStream } from '@parley/ports';
import { TranscriptQueue } from '@parley/provider-kit';
import { connect, type Connection, type FluxSocket, type NovaSocket } from './connect.js';
import { errorOfClose } from './deepgram-error.js';
import { PcmFramer } from './pcm-framer.js';

/** Audio that may wait for the network, in ms. */
const MAX_WAITING_MS = 60_000;
const BYTES_PER_SAMPLE = 2;

/** What a stream is made with. */
export interface ListenStreamContext {
  apiKey: string;
  baseUrl: string;
  connectTimeoutMs: number;
  answerTimeoutMs: number;
  keepAliveMs: number;
  sampleRateHz: number;
  observe: ProviderObserver;
  /** Called once, when the stream has closed or failed. */
  onOver(): void;
}

/**
 * What the streams of `/v1/listen` and `/v2/listen` have in common: a connection, audio in frames, events, one end. Times are
 * the provider's, in ms of all that was sent to it.
 */
export abstract class ListenStream<Socket extends NovaSocket | FluxSocket> implements SpeechToTextStream {
  protected socket!: Socket;
  /** All that was sent. */
  protected sentMs = 0;
  /** What of it is silence of our own. */
  private paddedMs = 0;
  private readonly queue = new TranscriptQueue(() => undefined);
  private readonly framer: PcmFramer;
  private readonly opening = new AbortController();
  private readonly idle: NodeJS.Timeout;
  private connection: Connection<Socket> | undefined;
  private state: 'opening' | 'open' | 'over' = 'opening';
  private released = Promise.resolve();
  private readonly began: Promise<void>;
  /** The provider takes audio. */
  protected begin!: () => void;
  private refuse!: (error: EngineError) => void;
  private lastInterim = '';

  /** @param frameMs audio is sent in frames of this length */
  constructor(
    protected readonly context: ListenStreamContext,
    frameMs: number,
  ) {
    const { sampleRateHz, keepAliveMs } = context;
    this.framer = new PcmFramer((sampleRateHz * frameMs) / 1000, (bytes) => this.send(bytes));
    this.began = new Promise((resolve, reject) => {
      this.begin = resolve;
      this.refuse = reject;
    });
    // Whoever opens the stream hears of it, if anybody still does.
    this.began.catch(() => undefined);
    this.idle = setTimeout(() => this.onIdle(), keepAliveMs);
  }

  get events(): AsyncIterable<SpeechToTextEvent> {
    return this.queue;
  }

  /**
   * Connects; settles when the provider takes audio. To be called once, first of all.
   * @throws {EngineError} what stands in the way, the stream is over then
   */
  async open(): Promise<void> {
    const { apiKey, baseUrl, connectTimeoutMs: timeoutMs } = this.context;
    const timer = setTimeout(() => this.fail(new EngineError('engine_timeout', 'Deepgram: no session in time', true)), timeoutMs); // prettier-ignore
    try {
      this.connection = await connect<Socket>({
        apiKey,
        baseUrl,
        timeoutMs,
        signal: this.opening.signal,
        ask: (client) => this.ask(client),
        onMessage: (message) => this.onMessage(message),
        onClose: (code, reason) => this.fail(errorOfClose(code, reason)),
      });
      this.socket = this.connection.socket;
      if (this.state === 'over') this.release();
      this.onConnected();
      await this.began;
      if (this.state === 'opening') this.state = 'open';
    } catch (thrown) {
      this.end();
      await this.released;
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  write(pcm: Int16Array): number {
    if (this.state === 'over') throw new EngineError('engine_closed', 'Deepgram: the stream is closed', false);
    this.framer.push(pcm);
    const waitingMs = this.msOf(this.framer.waitingSamples + (this.connection?.waitingBytes ?? 0) / BYTES_PER_SAMPLE);
    if (waitingMs > MAX_WAITING_MS) {
      this.context.observe('dropped_audio');
      this.fail(new EngineError('engine_unavailable', 'Deepgram: the network takes no audio', true));
    }
    return waitingMs;
  }

  flush(): void {
    if (this.state !== 'open') return;
    this.framer.flush();
    this.askForFinal();
  }

  reset(): void {
    if (this.state !== 'open') return;
    this.framer.flush();
    this.lastInterim = '';
    this.drop();
  }

  async close(): Promise<void> {
    this.end();
    this.queue.end();
    await this.released;
  }

  /** Has the SDK make its socket. */
  protected abstract ask(...[client]: Parameters<Parameters<typeof connect<Socket>>[0]['ask']>): Promise<Socket>;
  /** The socket is open. */
  protected abstract onConnected(): void;
  /** A message other than broken ones. @throws {EngineError} `engine_protocol` */
  protected abstract receive(type: string, message: Record<string, unknown>): void;
  /** Everything written is sent: asks for its final. */
  protected abstract askForFinal(): void;
  /** Nothing that was sent is to be heard of again. */
  protected abstract drop(): void;
  /** Nothing was sent for a while. */
  protected abstract keepAlive(): void;
  /** Lets go of timers; called once. */
  protected abstract onEnd(): void;

  /** Sends audio, never none of it. */
  protected send(bytes: Uint8Array): void {
    if (this.state === 'over') return;
    this.sentMs += this.msOf(bytes.length / BYTES_PER_SAMPLE);
    this.idle.refresh();
    this.attempt(() => this.socket.sendMedia(bytes));
  }

  /** Sends silence that the caller did not. */
  protected sendSilence(durationMs: number): void {
    const before = this.sentMs;
    this.send(new Uint8Array(BYTES_PER_SAMPLE * Math.round((this.context.sampleRateHz * durationMs) / 1000)));
    this.paddedMs += this.sentMs - before;
  }

  /** Does what the SDK throws at when the socket is closing; the close is heard of by itself. */
  protected attempt(send: () => void): void {
    if (this.connection && this.socket.readyState === 1) send();
  }

  /** How much of what was written is covered by so much of what was sent. */
  protected writtenMs(sentMs: number): number {
    return Math.max(0, Math.min(sentMs, this.sentMs) - this.paddedMs);
  }

  /** Tells the reader; nothing of an interim result that says what the last one said. */
  protected say(event: SpeechToTextEvent): void {
    if (event.type === 'interim' && event.text === this.lastInterim) return;
    if (event.type === 'interim' || event.type === 'final') this.lastInterim = event.type === 'final' ? '' : event.text;
    if (this.state === 'over' || this.queue.push(event)) return;
    this.fail(new EngineError('engine_busy', "Deepgram: the stream's events are not read", true));
  }

  protected fail(error: EngineError): void {
    if (this.state === 'over') return;
    this.refuse(error);
    this.end(error);
    this.queue.end({ type: 'error', error });
  }

  private onMessage(message: unknown): void {
    if (this.state === 'over') return;
    try {
      const { type } = (message ?? {}) as { type?: unknown };
      if (typeof type !== 'string') throw new EngineError('engine_protocol', 'Deepgram: a message of no type', true);
      this.receive(type, message as Record<string, unknown>);
    } catch (thrown) {
      const broken = new EngineError('engine_protocol', 'Deepgram: a message cannot be read', true, { cause: thrown });
      this.fail(thrown instanceof EngineError ? thrown : broken);
    }
  }

  private onIdle(): void {
    if (this.state === 'open') {
      this.framer.flush();
      this.keepAlive();
    }
    this.idle.refresh();
  }

  private end(error = new EngineError('engine_closed', 'Deepgram: the stream was closed', false)): void {
    if (this.state === 'over') return;
    this.state = 'over';
    clearTimeout(this.idle);
    this.onEnd();
    this.refuse(error);
    this.opening.abort(error);
    this.release();
    this.context.onOver();
  }

  private release(): void {
    if (this.connection) this.released = this.connection.close();
  }

  private msOf(samples: number): number {
    return (samples * 1000) / this.context.sampleRateHz;
  }
}
