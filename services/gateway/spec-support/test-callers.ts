import {
  VOICE_NAMESPACE,
  type EdgeAck,
  type EdgeAudioInfo,
  type EdgeEvent,
  type EdgeEventType,
} from '@parley/contracts';
import { deadline, eventually } from '@parley/testing';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

type EventOfType<T extends EdgeEventType> = Extract<EdgeEvent, { type: T }>;

/** A real client at one of the doors, and everything it got. */
export abstract class TestCaller {
  readonly events: EdgeEvent[] = [];
  readonly audio: Buffer[] = [];
  readonly infos: EdgeAudioInfo[] = [];
  abstract readonly isClosed: boolean;

  abstract sendAudio(pcm: Buffer): void;
  abstract sendText(text: string): void;
  abstract end(): void;
  /** Closes the connection as one who means to. */
  abstract leave(): void;
  /** Loses the connection. */
  abstract lose(): void;
  /** Takes nothing more from the network. */
  abstract stopReading(): void;

  /** The first event of a type, now or soon. */
  event<T extends EdgeEventType>(type: T, isIt: (event: EventOfType<T>) => boolean = () => true) {
    const found = () => this.events.find((each) => each.type === type && isIt(each as EventOfType<T>));
    return eventually(found, { what: `${type} event`, deadlineMs: 4000 }) as Promise<EventOfType<T>>;
  }

  error(code: string) {
    return this.event('error', (event) => event.code === code);
  }

  async closed(): Promise<void> {
    await eventually(() => this.isClosed, { what: 'close of the connection', deadlineMs: 4000 });
  }

  async resumed() {
    return this.event('session_resumed');
  }

  async token(): Promise<string> {
    return (await this.event('session_started')).resumeToken as string;
  }

  async sessionId(): Promise<string> {
    return (await this.event('session_started')).sessionId;
  }

  errors(): string[] {
    return this.events.flatMap((event) => (event.type === 'error' ? [event.code] : []));
  }
}

/** At `/ws`. */
export class WsTestCaller extends TestCaller {
  closeCode: number | undefined;

  private constructor(readonly socket: WebSocket) {
    super();
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.audio.push(data as Buffer);
      else this.events.push(JSON.parse(String(data)) as EdgeEvent);
    });
    socket.on('close', (code) => (this.closeCode = code));
    socket.on('error', () => {});
  }

  static async connect(port: number, query = ''): Promise<WsTestCaller> {
    const caller = new WsTestCaller(new WebSocket(`ws://127.0.0.1:${port}/ws${query}`));
    const opened = new Promise((resolve) => caller.socket.once('open', resolve));
    await deadline(opened, 4000, 'open socket');
    return caller;
  }

  get isClosed(): boolean {
    return this.closeCode !== undefined;
  }
  sendAudio(pcm: Buffer): void {
    this.socket.send(pcm);
  }
  sendText(text: string): void {
    this.socket.send(JSON.stringify({ type: 'text', text }));
  }
  end(): void {
    this.socket.send('{"type":"end"}');
  }
  leave(): void {
    // A socket that does not read never sees the answer to a polite goodbye.
    this.socket.resume();
    this.socket.close(1000);
  }
  lose(): void {
    this.socket.terminate();
  }
  stopReading(): void {
    this.socket.pause();
  }
}

/** At the namespace `/voice`. */
export class IoTestCaller extends TestCaller {
  private constructor(readonly socket: Socket) {
    super();
    socket.on('event', (event: EdgeEvent) => this.events.push(event));
    socket.on('audio', (info: EdgeAudioInfo, pcm: Buffer) => {
      this.infos.push(info);
      this.audio.push(pcm);
    });
  }

  static async connect(port: number): Promise<IoTestCaller> {
    const options = { transports: ['websocket'], reconnection: false, forceNew: true };
    const caller = new IoTestCaller(io(`http://127.0.0.1:${port}${VOICE_NAMESPACE}`, options));
    const opened = new Promise((resolve) => caller.socket.once('connect', () => resolve(undefined)));
    await deadline(opened, 4000, 'connection');
    return caller;
  }

  static async start(port: number, request: object = {}): Promise<IoTestCaller> {
    const caller = await IoTestCaller.connect(port);
    await caller.ask('session:start', request);
    return caller;
  }

  ask(name: string, ...data: unknown[]): Promise<EdgeAck> {
    return this.socket.timeout(4000).emitWithAck(name, ...data) as Promise<EdgeAck>;
  }

  get isClosed(): boolean {
    return this.socket.disconnected;
  }
  sendAudio(pcm: Buffer): void {
    this.socket.emit('audio', pcm);
  }
  sendText(text: string): void {
    this.socket.emit('message', { type: 'text', text });
  }
  end(): void {
    this.socket.emit('message', { type: 'end' });
  }
  leave(): void {
    // A socket that does not read never sees the end of a polite goodbye.
    this.#webSocket?.resume();
    this.socket.disconnect();
  }
  lose(): void {
    this.#webSocket?.terminate();
  }
  stopReading(): void {
    this.#webSocket?.pause();
  }

  get #webSocket(): WebSocket | undefined {
    return (this.socket.io.engine as unknown as { transport?: { ws?: WebSocket } } | undefined)?.transport?.ws;
  }
}
