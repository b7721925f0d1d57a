import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, type RawData } from 'ws';

/** A message of the gateway's JSON. */
export interface WsMessage {
  type: string;
  [field: string]: unknown;
}

const SAMPLE_RATE_HZ = 16_000;

/** A caller on the raw WebSocket door, with nothing but the protocol: what a client in any language would be. */
export class WsCaller {
  readonly messages: WsMessage[] = [];
  readonly audio: Int16Array[] = [];
  closeCode: number | undefined;
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.audio.push(toPcm(data));
      else this.messages.push(JSON.parse((data as Buffer).toString()) as WsMessage);
      for (const check of [...this.waiting]) check();
    });
    socket.on('close', (code) => {
      this.closeCode = code;
      for (const check of [...this.waiting]) check();
    });
  }

  /** Connects to `<gateway>/ws` and waits for the session. */
  static async connect(gatewayUrl: string, query = ''): Promise<WsCaller> {
    const socket = new WebSocket(`${gatewayUrl.replace(/^http/, 'ws')}/ws${query}`);
    const caller = new WsCaller(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    await caller.until((message) => message.type === 'session_started');
    return caller;
  }

  get sessionId(): string {
    return String(this.messages.find(({ type }) => type === 'session_started')?.['sessionId']);
  }

  /** All audio received so far. */
  get voice(): Int16Array {
    const all = new Int16Array(this.audio.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const pcm of this.audio) {
      all.set(pcm, at);
      at += pcm.length;
    }
    return all;
  }

  /** Sends voice in real time, in frames of this many ms. */
  async speak(pcm: Int16Array, frameMs = 20): Promise<void> {
    const frame = (SAMPLE_RATE_HZ / 1000) * frameMs;
    const startedAt = performance.now();
    for (let at = 0, n = 0; at < pcm.length; at += frame, n++) {
      this.sendBinary(Buffer.from(pcm.slice(at, at + frame).buffer));
      const dueAt = startedAt + (n + 1) * frameMs;
      if (dueAt > performance.now()) await sleep(dueAt - performance.now());
    }
  }

  sendBinary(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  /** Waits for a message, among those received after `from` of them. */
  until(wanted: (message: WsMessage) => boolean, deadlineMs = 15_000, from = 0): Promise<WsMessage> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = this.messages.slice(from).find(wanted);
        if (!found && this.closeCode === undefined) return;
        this.waiting.delete(check);
        clearTimeout(timer);
        if (found) resolve(found);
        else reject(new Error(`closed with ${this.closeCode} after ${this.summary()}`));
      };
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`not within ${deadlineMs} ms; received ${this.summary()}`));
      }, deadlineMs);
      this.waiting.add(check);
      check();
    });
  }

  /** Resolves when the gateway has closed the socket. */
  async closed(deadlineMs = 5000): Promise<number> {
    const until = performance.now() + deadlineMs;
    while (this.closeCode === undefined) {
      if (performance.now() > until) throw new Error(`still open after ${deadlineMs} ms`);
      await sleep(20);
    }
    return this.closeCode;
  }

  close(): void {
    this.socket.terminate();
  }

  private summary(): string {
    return this.messages.map(({ type }) => type).join(' ');
  }
}

function toPcm(data: RawData): Int16Array {
  const bytes = data as Buffer;
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
