import type { IncomingMessage } from 'node:http';
import { EngineError } from '@parley/ports';
import { WebSocket } from 'ws';
import { errorOfStatus } from './http-error.js';

/** How the opening of a socket is waited for. */
export interface OpeningOptions {
  /** As it stands in messages. */
  provider: string;
  /** How long the upgrade may take, in ms. */
  timeoutMs: number;
  /** What a refusal of this provider means, where its status alone does not say it. */
  refusal?(status: number, body: string): { isQuota?: boolean } | undefined;
}

/** How a socket to a provider is opened. */
export interface SocketOptions extends OpeningOptions {
  url: URL | string;
  headers?: Readonly<Record<string, string>>;
  /** Adds listeners. A first message may come together with the upgrade, before whoever awaits the socket goes on. */
  prepare?(socket: WebSocket): void;
}

/** Most bytes of a refusal's body that are read. */
const MAX_BODY = 8192;

/**
 * Opens a WebSocket. It has no listener left but one for errors, so that none of them can end the process.
 * @throws {EngineError} `engine_timeout`, `engine_unavailable`, and by the status of a refusal
 */
export async function openSocket({ url, headers, prepare, ...options }: SocketOptions): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  prepare?.(socket);
  return socketOpened(socket, options);
}

/**
 * Waits until a socket that was made just now is open, as {@link openSocket} does: of use where a vendor's client makes it.
 * @throws {EngineError} `engine_timeout`, `engine_unavailable`, and by the status of a refusal; the socket is ended then
 */
export function socketOpened(socket: WebSocket, { provider, timeoutMs, refusal }: OpeningOptions): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(new EngineError('engine_timeout', `${provider}: no connection within ${timeoutMs} ms`, true));
    }, timeoutMs);
    const fail = (error: EngineError) => {
      clearTimeout(timer);
      reject(error);
      socket.terminate();
    };
    socket.on('error', () => undefined);
    socket.once('error', (cause) => {
      fail(new EngineError('engine_unavailable', `${provider}: the connection failed`, true, { cause }));
    });
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      void bodyOf(response).then((body) => {
        const status = response.statusCode ?? 0;
        const cause = new Error(body.slice(0, 500));
        fail(errorOfStatus({ provider, status, headers: response.headers, cause, ...refusal?.(status, body) }));
      });
    });
    socket.once('open', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const part of response.setEncoding('utf8')) {
      body += part as string;
      if (body.length > MAX_BODY) break;
    }
  } catch {
    // What came of it will do.
  }
  return body;
}
