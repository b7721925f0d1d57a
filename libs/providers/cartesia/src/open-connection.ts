import { connect } from 'node:net';
// Of the SDK's two builds the one for `import` has no `require` to find `ws` with, and so no socket that takes headers.
import { Cartesia } from '@cartesia/cartesia-js/client.js';
import { TTSWS } from '@cartesia/cartesia-js/resources/tts/ws.js';
import { socketOpened } from '@parley/provider-kit';
import type { ClientOptions, WebSocket } from 'ws';
import { isQuota } from './server-message.js';

/** An open socket, and the SDK's way to write to it. */
export interface OpenedSocket {
  /** Sends; with the socket closed it would open another by itself. */
  sender: TTSWS;
  /** Nobody but us reads it. */
  socket: WebSocket;
}

/** How a connection is opened. */
export interface OpenOptions {
  apiKey: string;
  /** Without a slash at the end. */
  baseUrl: string;
  timeoutMs: number;
  /** Gives up. */
  signal: AbortSignal;
}

/**
 * Opens a socket through the SDK. What comes on it is not read by the SDK, which ends the process over a chunk without
 * audio and does not say when the socket closes.
 * @throws {EngineError} `engine_timeout`, `engine_unavailable`, and by the status of a refusal
 */
export async function openConnection({ apiKey, baseUrl, timeoutMs, signal }: OpenOptions): Promise<OpenedSocket> {
  const client = new Cartesia({ apiKey, token: null, baseURL: baseUrl, maxRetries: 0, logLevel: 'off' });
  const sender = new TTSWS(client, { perMessageDeflate: false, ...plainOptions(new URL(baseUrl)) });
  const socket = sender.socket as unknown as WebSocket;
  socket.removeAllListeners('message');
  // The SDK makes an unhandled rejection of what nobody listens to; the socket says the same.
  sender.on('error', () => undefined);
  sender.connect().catch(() => undefined);
  const giveUp = () => socket.terminate();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await socketOpened(socket, { provider: 'Cartesia', timeoutMs, refusal });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  return { sender, socket };
}

/** The SDK writes `wss` whatever it is told; to an http address the connection under it is a plain one. */
function plainOptions({ protocol, hostname, port }: URL): ClientOptions {
  if (protocol !== 'http:') return {};
  const host = hostname.replace(/^\[|\]$/g, '');
  return { createConnection: () => connect(Number(port || 80), host) };
}

function refusal(_status: number, body: string): { isQuota?: boolean } {
  try {
    return { isQuota: isQuota((JSON.parse(body) as { error_code?: unknown } | null)?.error_code) };
  } catch {
    return {};
  }
}
