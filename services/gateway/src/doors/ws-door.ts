import type { IncomingMessage, Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WS_PATH } from '@parley/contracts';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { GatewayCore } from '../gateway-core.js';
import { WsCaller } from './ws-caller.js';

/** Above the largest frame that is answered with an error, what comes closes the socket with 1009. */
export const MAX_MESSAGE_BYTES = 1_048_576;
const PING_PERIOD_MS = 20_000;
/** Close codes (RFC 6455, section 7.4.1) of a caller who means to leave: normal, going away, and none. */
const LEAVING_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005]);
const OTHER_DOOR_PATH = '/socket.io/';

/**
 * The raw WebSocket door at `/ws`: the session's request stands in the query. Shares the HTTP server with the
 * socket.io door, whose path it leaves alone.
 */
export class WsDoor {
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  /** Sockets that were heard of since the ping before. */
  readonly #heard = new WeakSet<WebSocket>();
  #cancelPing: () => void = () => {};

  constructor(private readonly core: GatewayCore) {}

  /** Begins to take connections. */
  attach(http: Server): void {
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#schedulePing();
  }

  /** Cuts off whoever is still connected. */
  onModuleDestroy(): void {
    this.#cancelPing();
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = request.url ?? '/';
    if (target.startsWith(OTHER_DOOR_PATH)) return;
    const url = URL.canParse(target, 'ws://gateway') ? new URL(target, 'ws://gateway') : undefined;
    if (url?.pathname !== WS_PATH) return refuse(socket, url ? 404 : 400);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      void this.#accept(webSocket, socket, Object.fromEntries(url.searchParams));
    });
  }

  async #accept(socket: WebSocket, stream: Duplex, request: Record<string, string>): Promise<void> {
    const { parts } = this.core;
    const caller = new WsCaller(socket, stream, parts.clock);
    const connection = this.core.connect(caller);
    this.#heard.add(socket);
    socket.on('pong', () => this.#heard.add(socket));
    socket.on('close', (code) => connection.gone(!LEAVING_CODES.has(code)));
    // What breaks the protocol or the size limit: ws closes the socket by itself, with the code that says why.
    socket.on('error', (err) => parts.log.limited('ws.error', 'info', { err }, "a caller's socket failed"));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) connection.audio(data as Buffer);
      else void connection.message(data as Buffer);
    });
    const ack = await connection.open(request);
    if (!ack.ok) caller.close(ack.code);
  }

  #schedulePing(): void {
    this.#cancelPing = this.core.parts.clock.after(PING_PERIOD_MS, () => {
      for (const socket of this.#server.clients) {
        if (this.#heard.delete(socket)) socket.ping();
        else socket.terminate();
      }
      this.#schedulePing();
    });
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
