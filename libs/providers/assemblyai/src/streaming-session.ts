import { EngineError, type ProviderObserver } from '@parley/ports';
import { errorOfStatus } from '@parley/provider-kit';
import { sdkTranscriber, type SdkSocket, type SdkTranscriber } from './sdk-transcriber.js';
import type { SessionParameters } from './session-parameters.js';
import { errorOfCode, errorOfSdk } from './translate-error.js';
import { readTurn, type Turn } from './turn.js';

/** How a session is reached. */
export interface SessionAccess {
  apiKey: string;
  /** `wss://streaming.assemblyai.com` or another, `ws:` too. */
  baseUrl: URL;
  inactivityTimeoutMs: number;
  observe: ProviderObserver;
}

/** What comes of a session. */
export interface SessionListener {
  onTurn(turn: Turn): void;
  /** Everything sent up to a {@link StreamingSession.forceEnd} has arrived. */
  onReceived(id: number): void;
  /** The session is over; once, and only after it had begun. */
  onFailed(error: EngineError): void;
}

/** `Warning` is not among them: the SDK would print it. */
const HANDED_ON = new Set(['Begin', 'Turn', 'Termination', 'SpeechStarted', 'SpeakerRevision', 'LLMGatewayResponse', 'Heartbeat', 'Silence']); // prettier-ignore
/** How long the provider may take to close its side. */
const CLOSE_TIMEOUT_MS = 1000;

/** One session of AssemblyAI's streaming API, over the official SDK. */
export class StreamingSession {
  private readonly sdk: SdkTranscriber;
  private state: 'connecting' | 'open' | 'over' = 'connecting';
  private failure: EngineError | undefined;
  private opening: Promise<unknown> | undefined;
  private closing: Promise<void> | undefined;
  private keepAlive: NodeJS.Timeout | undefined;
  private isQuiet = false;

  constructor(
    private readonly access: SessionAccess,
    parameters: SessionParameters,
    private readonly listener: SessionListener,
  ) {
    this.sdk = sdkTranscriber(access.apiKey, access.baseUrl, parameters);
    const { transcriber } = this.sdk;
    transcriber.on('turn', (message) => this.onTurn(message));
    transcriber.on('error', (error) => this.fail(errorOfSdk(error, this.state === 'connecting')));
    transcriber.on('close', (code, reason) => this.fail(errorOfCode(code, new Error(reason), false)));
  }

  /**
   * Opens the session; resolves when it has begun, which is when it takes audio.
   * @throws {EngineError} `engine_timeout`, `engine_closed` after {@link close}, and by what the provider says
   */
  async connect(timeoutMs: number): Promise<void> {
    const opening = this.sdk.transcriber.connect();
    this.opening = opening.catch(() => undefined);
    const socket = this.sdk.socket();
    if (socket) this.watch(socket);
    const timer = setTimeout(() => {
      this.fail(new EngineError('engine_timeout', `AssemblyAI: no session within ${timeoutMs} ms`, true));
    }, timeoutMs);
    try {
      await opening;
      // What came right behind the beginning of the session may have ended it.
      if (this.failure) throw this.failure;
      this.state = 'open';
      this.startKeepAlive();
    } catch (thrown) {
      this.state = 'over';
      socket?.terminate();
      throw this.failure ?? errorOfSdk(thrown, true);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Bytes that the connection has not taken yet. */
  get waitingBytes(): number {
    return this.sdk.socket()?.bufferedAmount ?? 0;
  }

  /** @param frame of 50 to 1000 ms */
  sendAudio(frame: Int16Array<ArrayBuffer>): void {
    this.isQuiet = false;
    this.send(() => this.sdk.transcriber.sendAudio(frame.buffer));
  }

  /** Has the provider end the turn, and say that it was told so: it says nothing else when the turn has no words. */
  forceEnd(id: number): void {
    this.send(() => {
      this.sdk.transcriber.forceEndpoint();
      this.sdk.socket()?.ping(String(id));
    });
  }

  /** Ends the session on both sides, what is awaited of it too. May be called twice. */
  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    clearInterval(this.keepAlive);
    if (this.state === 'connecting') {
      this.fail(new EngineError('engine_closed', 'AssemblyAI: closed while the session was being opened', false));
      // Closing the SDK now would leave its attempt open for ever.
      await this.opening;
    }
    this.state = 'over';
    const socket = this.sdk.socket();
    await this.sdk.transcriber.close(false);
    if (!socket || socket.readyState === socket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private watch(socket: SdkSocket): void {
    // Where the provider agrees to compression the SDK would compress all audio, and gain nothing.
    const send = socket.send.bind(socket);
    socket.send = (data) => send(data, { compress: false });
    const hand = socket.onmessage;
    socket.onmessage = (event) => this.onMessage(event.data, () => hand?.(event));
    socket.on('pong', (data) => this.listener.onReceived(Number(data.toString())));
    socket.once('unexpected-response', (_request, { statusCode: status = 0, headers }) => {
      this.fail(errorOfStatus({ provider: 'AssemblyAI', status, headers, cause: new Error(`HTTP ${status}`) }));
    });
  }

  private onMessage(data: unknown, hand: () => void): void {
    const message = objectOf(data);
    if (!message) return this.fail(protocolError('what is no JSON object'));
    // To the SDK everything is an error that has this key.
    if ('error' in message || HANDED_ON.has(String(message.type))) hand();
    else this.access.observe('ignored_message');
  }

  private onTurn(message: object): void {
    const turn = readTurn(message);
    if (turn) this.listener.onTurn(turn);
    else this.fail(protocolError('a turn that is none'));
  }

  private send(say: () => void): void {
    if (this.state !== 'open') return;
    try {
      say();
    } catch {
      // The provider has begun to close; why, it says at the end of it.
      this.sdk.socket()?.terminate();
    }
  }

  private startKeepAlive(): void {
    this.isQuiet = false;
    this.keepAlive = setInterval(() => {
      if (this.isQuiet) this.send(() => this.sdk.transcriber.keepAlive());
      this.isQuiet = true;
    }, this.access.inactivityTimeoutMs / 3);
  }

  private fail(error: EngineError): void {
    if (this.state === 'connecting') {
      this.failure ??= error;
      // The SDK's attempt ends with its socket.
      this.sdk.socket()?.terminate();
    } else if (this.state === 'open') {
      this.state = 'over';
      this.listener.onFailed(error);
    }
  }
}

function objectOf(data: unknown): Record<string, unknown> | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const message: unknown = JSON.parse(data);
    return message !== null && typeof message === 'object' ? (message as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function protocolError(what: string): EngineError {
  return new EngineError('engine_protocol', `AssemblyAI: it said ${what}`, true);
}
