import type { DeepgramTransport, DeepgramTransportCloseEvent, DeepgramTransportMessage } from '@deepgram/sdk';
import type { openSocket } from '@parley/provider-kit';

type Socket = Awaited<ReturnType<typeof openSocket>>;

/** How long a server may take to answer a close, in ms. */
const CLOSE_TIMEOUT_MS = 1000;

/** An open socket as the SDK wants one. */
export class SocketTransport implements DeepgramTransport {
  /** Settles when the socket is closed, whoever closed it. */
  readonly closed: Promise<void>;

  constructor(private readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Bytes that the network has not taken yet. */
  get waitingBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(data: DeepgramTransportMessage): void {
    // Of the SDK's kinds of data only these two are ever sent here.
    this.socket.send(data as string | Uint8Array);
  }

  /** It is open from the beginning. */
  onOpen(): void {}

  onMessage(listener: (message: DeepgramTransportMessage) => void): void {
    this.socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      listener(isBinary ? new Uint8Array(bytes).buffer : bytes.toString());
    });
  }

  /** What breaks a connection also closes it. */
  onError(): void {}

  onClose(listener: (event: DeepgramTransportCloseEvent) => void): void {
    this.socket.once('close', (code, reason) => listener({ code, reason: reason.toString() }));
  }

  isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  close(code?: number, reason?: string): void {
    if (this.socket.readyState === this.socket.CLOSED) return;
    this.socket.close(code, reason);
    const timer = setTimeout(() => this.socket.terminate(), CLOSE_TIMEOUT_MS);
    void this.closed.then(() => clearTimeout(timer));
  }
}
