import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Fault } from './faults.js';

/** A request or a socket as it came, and what was said on the socket. */
export interface RecordedRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  /** Of a request; empty for a socket. */
  body: Buffer;
  /** Messages of the client, of a socket. */
  messages: { data: Buffer; isBinary: boolean }[];
}

/** An HTTP answer. */
export interface Rejection {
  status: number;
  headers?: Record<string, string>;
  /** JSON, unless it is a string. */
  body: unknown;
}

/** What is particular to one provider. */
export interface EmulatedProtocol {
  /** How a request or an upgrade is refused; undefined when this provider says it on the open socket, or it is none of its faults. */
  rejection(fault: Fault): Rejection | undefined;
  /** Answers a request; `fault` is for it to act out where no rejection was given. */
  onRequest?(request: RecordedRequest, response: ServerResponse, fault: Fault | undefined): void | Promise<void>;
  /** Talks on a socket that was let in. Messages are recorded before its own listeners hear them. */
  onSocket?(socket: WebSocket, request: RecordedRequest, fault: Fault | undefined): void | Promise<void>;
}

/**
 * A provider on this machine: a server for HTTP and WebSocket that keeps what it is sent and does wrong what it is told.
 * Faults are handed out one to a request or socket, in their order of arrival.
 */
export class Emulator {
  /** What has come so far, oldest first. */
  readonly requests: RecordedRequest[] = [];
  /** Delay before a request or an upgrade is answered, in ms: a slow network. */
  connectDelayMs = 0;
  private readonly server = createServer();
  private readonly sockets = new Set<Duplex>();
  private readonly webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  private fault: { kind: Fault; times: number } | undefined;

  private constructor(private readonly protocol: EmulatedProtocol) {
    // Clients that keep connections for later let go of them soon.
    this.server.keepAliveTimeout = 1000;
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      // Whoever breaks a connection is not to break the server.
      socket.on('error', () => undefined);
    });
    this.server.on('request', (request, response) => void this.answer(request, response));
    this.server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
  }

  /** @param port 0 for any that is free */
  static async start(protocol: EmulatedProtocol, port = 0): Promise<Emulator> {
    const emulator = new Emulator(protocol);
    await new Promise<void>((resolve, reject) => {
      emulator.server.once('error', reject);
      emulator.server.listen(port, '127.0.0.1', resolve);
    });
    return emulator;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:…`, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** `ws://127.0.0.1:…`, without a slash at the end. */
  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.sockets.size;
  }

  /** The next requests and sockets, so many of them, meet this fault. */
  inject(fault: Fault, times = Infinity): void {
    this.fault = { kind: fault, times };
  }

  /** No more faults. */
  heal(): void {
    this.fault = undefined;
  }

  /** Ends every connection, and the server. */
  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const recorded = this.record(request, Buffer.concat(parts));
    const fault = this.takeFault();
    if (fault === 'timeout') return;
    await this.delay();
    const rejection = fault && this.protocol.rejection(fault);
    if (rejection) {
      response.writeHead(rejection.status, { 'content-type': 'application/json', ...rejection.headers });
      response.end(textOf(rejection));
      return;
    }
    if (!this.protocol.onRequest) {
      response.writeHead(404).end();
      return;
    }
    await this.protocol.onRequest(recorded, response, fault);
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const recorded = this.record(request, Buffer.alloc(0));
    const fault = this.takeFault();
    if (fault === 'timeout') {
      // Unread, it would not be heard to hang up.
      socket.on('end', () => socket.destroy()).resume();
      return;
    }
    await this.delay();
    if (socket.destroyed) return;
    const rejection = fault ? this.protocol.rejection(fault) : undefined;
    if (rejection || !this.protocol.onSocket) {
      const { status, headers, body } = rejection ?? { status: 404, body: {} };
      const text = textOf({ status, body });
      const lines = Object.entries({ 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)), ...headers }); // prettier-ignore
      socket.end(
        `HTTP/1.1 ${status} Refused\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}connection: close\r\n\r\n${text}`,
      );
      return;
    }
    this.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => undefined);
      webSocket.on('message', (data, isBinary) => recorded.messages.push({ data: Buffer.from(data as Buffer), isBinary })); // prettier-ignore
      void this.protocol.onSocket?.(webSocket, recorded, fault);
    });
  }

  private record(request: IncomingMessage, body: Buffer): RecordedRequest {
    const url = new URL(request.url ?? '/', this.url);
    const recorded = { method: request.method ?? '', url, headers: request.headers, body, messages: [] };
    this.requests.push(recorded);
    return recorded;
  }

  private takeFault(): Fault | undefined {
    if (!this.fault || this.fault.times <= 0) return undefined;
    this.fault.times--;
    return this.fault.kind;
  }

  private async delay(): Promise<void> {
    if (this.connectDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.connectDelayMs));
  }
}

function textOf({ body }: Rejection): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
