import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EdgeAck } from '@parley/contracts';
import { Server, type Socket } from 'socket.io';
import { systemClock } from '../src/clock.js';
import { connectParleyWith, type ConnectOptions } from '../src/connect-parley.js';
import type { ParleyClient } from '../src/parley-client.js';

const cleanups: (() => unknown)[] = [];

/** Closes the clients and gateways of a test. */
export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

/** Resolves when it is so, and rejects when it is not within 5 s. */
export async function eventually(isSo: () => boolean, { what }: { what: string }): Promise<void> {
  const untilMs = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > untilMs) throw new Error(`no ${what} within 5 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const SESSION = { sessionId: 's1', agent: 'echo', mode: 'voice-to-voice', sampleRateHz: 16_000, frameMs: 20 };
/** What lets a client resume its session. */
export const TOKEN = { resumeToken: 's1.secret', resumeWindowMs: 5000 };

type Request = Record<string, unknown>;
/** How a gateway answers a message. */
export type Ack = (answer: EdgeAck) => void;

/** A gateway's voice namespace that keeps what it got and lets a test play its part. */
export class ScriptedGateway {
  readonly requests: Request[] = [];
  readonly audio: Buffer[] = [];
  readonly messages: { text?: string; id?: string; type: string }[] = [];
  socket: Socket | undefined;
  receivedSamples = 0;
  refuse: string | undefined;
  takesTexts = true;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(told: object = TOKEN): Promise<ScriptedGateway> {
    const http = createServer();
    const server = new Server(http, { transports: ['websocket'] });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const gateway = new ScriptedGateway(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, server);
    server.of('/voice').on('connection', (socket) => gateway.#serve(socket, told));
    cleanups.push(() => server.close());
    return gateway;
  }

  tell(event: object): void {
    this.socket?.emit('event', event);
  }

  say(reply: number, pts: number, ...samples: number[]): void {
    this.socket?.emit('audio', { reply, sentence: 0, pts }, Buffer.from(Int16Array.from(samples).buffer));
  }

  /** Ends the connection without a word, as a process that is killed. */
  drop(): void {
    this.socket?.conn.close();
  }

  /** Takes no connection any more. */
  async vanish(): Promise<void> {
    await this.server.close();
  }

  get voice(): number[] {
    return this.audio.flatMap((pcm) => [...new Int16Array(new Uint8Array(pcm).buffer)]);
  }

  #serve(socket: Socket, told: object): void {
    socket.on('session:start', (request: Request, ack: Ack) => {
      this.requests.push(request);
      this.socket = socket;
      if (this.refuse) {
        this.tell({ type: 'error', code: this.refuse, message: 'no', retryable: true });
        return ack({ ok: false, code: this.refuse, message: 'no' });
      }
      const resumed = { type: 'session_resumed', ...SESSION, ...told, receivedSamples: this.receivedSamples };
      this.tell(request['resume'] ? resumed : { type: 'session_started', ...SESSION, ...told });
      ack({ ok: true, sessionId: 's1' });
    });
    socket.on('audio', (pcm: Buffer) => this.audio.push(pcm));
    socket.on('message', (message: { type: string }, ack: Ack) => {
      this.messages.push(message);
      if (this.takesTexts) ack({ ok: true, sessionId: 's1' });
    });
  }
}

/** A client that is connected to the first of these gateways, and the names of its states from then on. */
export async function connected(
  gateways: ScriptedGateway[],
  options: Partial<ConnectOptions> = {},
): Promise<{ client: ParleyClient; states: string[] }> {
  const parts = { clock: systemClock, random: () => 0.5 };
  const client = await connectParleyWith(parts, { url: gateways.map(({ url }) => url), ...options });
  const states: string[] = [];
  client.on('state', ({ name }) => states.push(name));
  cleanups.push(() => client.close());
  return { client, states };
}

/** Waits until the client is in a state. */
export const isState = (client: ParleyClient, name: string) =>
  eventually(() => client.state.name === name, { what: name });

/** Runs something when the connection is known to be lost. */
export function whenResuming<T>(client: ParleyClient, run: () => T): Promise<Awaited<T>> {
  return new Promise((resolve) => {
    const off = client.on('state', ({ name }) => {
      if (name !== 'resuming') return;
      off();
      void Promise.resolve(run()).then(resolve as (value: unknown) => void);
    });
  });
}

/** Samples of the caller's voice that can be told from each other. */
export const ramp = (from: number, length: number) => Int16Array.from({ length }, (_, i) => from + i);
