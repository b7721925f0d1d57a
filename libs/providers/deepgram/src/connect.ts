import { createRequire } from 'node:module';
import type { DeepgramClient as Client } from '@deepgram/sdk';
import { EngineError } from '@parley/ports';
import { openSocket } from '@parley/provider-kit';
import { SocketTransport } from './socket-transport.js';

// Its ES modules load `ws` by code that they evaluate, which Jest takes to be another test's.
const { DeepgramClient } = createRequire(import.meta.url)('@deepgram/sdk') as { DeepgramClient: typeof Client };

/** The SDK's sockets of `/v1/listen` and `/v2/listen`. */
export type NovaSocket = Awaited<ReturnType<Client['listen']['v1']['connect']>>;
/** See {@link NovaSocket}. */
export type FluxSocket = Awaited<ReturnType<Client['listen']['v2']['connect']>>;

/** How one is opened. */
export interface ConnectOptions<Socket> {
  apiKey: string;
  /** `ws:` or `wss:`. */
  baseUrl: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Asks the SDK for the socket, which it does not open by itself. */
  ask(client: Client): Promise<Socket>;
  /** @param message parsed, or a string where it is no JSON */
  onMessage(message: unknown): void;
  onClose(code: number, reason: string): void;
}

/** An open socket of the SDK. */
export interface Connection<Socket> {
  socket: Socket;
  /** Bytes that the network has not taken yet. */
  readonly waitingBytes: number;
  /** Hangs up; settles when it is done, in a second at most. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens a socket through the SDK. It is given its connection (`transportFactory`): its own loses what a refusal says (status,
 * headers, body), and is opened again by itself.
 * @throws {EngineError} `engine_timeout`, `engine_unavailable`, and by the status of a refusal; the signal's reason
 */
export async function connect<Socket extends NovaSocket | FluxSocket>(
  options: ConnectOptions<Socket>,
): Promise<Connection<Socket>> {
  const { apiKey, baseUrl, timeoutMs, signal } = options;
  let transport: SocketTransport | undefined;
  let failure: unknown;
  const client = new DeepgramClient({
    apiKey,
    baseUrl,
    reconnect: false,
    logging: { silent: true },
    transportFactory: async (url, headers) => {
      try {
        transport = new SocketTransport(await openSocket({ provider: 'Deepgram', url, headers, timeoutMs, signal }));
        return transport;
      } catch (thrown) {
        failure = thrown;
        throw thrown;
      }
    },
  });
  const socket = await options.ask(client);
  socket.on('message', (message: unknown) => options.onMessage(message));
  socket.on('close', ({ code, reason }) => options.onClose(code, reason));
  socket.connect();
  try {
    await socket.waitForOpen();
  } catch (event) {
    throw openingError(failure ?? event);
  }
  return {
    socket,
    get waitingBytes() {
      return transport?.waitingBytes ?? 0;
    },
    async close() {
      if (socket.readyState === 1) socket.sendCloseStream({ type: 'CloseStream' });
      socket.close();
      await transport?.closed;
    },
  };
}

/** Nothing has been said yet: a request that is refused as bad is one with bad settings. */
function openingError(thrown: unknown): unknown {
  if (!(thrown instanceof EngineError) || thrown.code !== 'engine_input') return thrown;
  return new EngineError('engine_settings', 'Deepgram: the settings were refused', false, { cause: thrown.cause });
}
