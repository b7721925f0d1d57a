import type { SpeechToText } from '@parley/ports';
import type { WebSocket } from 'ws';
import type { RecordedRequest } from './emulator.js';
import { DeepgramEar, momentsOf } from './deepgram-ear.js';
import type { DeepgramLine } from './deepgram-line.js';

/** What an emulated Deepgram is started with. */
export interface DeepgramEmulatorOptions {
  /** What hears. @defaultValue the scripted engine */
  ears?: SpeechToText;
  /** 0 for any that is free. */
  port?: number;
  /** How long nothing may be sent. @defaultValue 10 000 */
  idleMs?: number;
}

/** What a session is made of. */
export interface DeepgramSessionOptions {
  socket: WebSocket;
  line: DeepgramLine;
  request: RecordedRequest;
  ears: SpeechToText;
  idleMs: number;
}

/** What the sessions of `/v1/listen` and `/v2/listen` have in common: messages are taken one after another. */
export abstract class DeepgramSession {
  protected readonly line: DeepgramLine;
  protected readonly query: URLSearchParams;
  /** Undefined when there are no ears for this. */
  protected ear!: DeepgramEar;
  private readonly sampleRateHz: number;
  private readonly idle: NodeJS.Timeout;
  private work: Promise<void>;
  private isOver = false;

  constructor({ socket, line, request, ears, idleMs }: DeepgramSessionOptions) {
    this.line = line;
    this.query = request.url.searchParams;
    this.sampleRateHz = Number(this.query.get('sample_rate'));
    this.idle = setTimeout(() => {
      line.close(1011, 'NET-0001: Deepgram did not receive audio data or a text message within the timeout window');
    }, idleMs);
    const onInterim = () => this.onInterim();
    const opening = { sampleRateHz: this.sampleRateHz, language: 'en', onInterim };
    this.work = DeepgramEar.open(ears, opening)
      .then((ear) => void (this.ear = ear))
      .catch(() => line.close(1011, 'the ears do not hear'));
    socket.on('message', (data, isBinary) => this.enqueue(() => this.take(data as Buffer, isBinary)));
    socket.on('close', () => {
      this.isOver = true;
      clearTimeout(this.idle);
      void this.work.then(() => this.ear?.close());
    });
  }

  /** Something was understood of what is not cut yet. */
  protected abstract onInterim(): void;
  /** A moment was heard. */
  protected abstract onMoment(): void | Promise<void>;
  protected abstract onText(type: string, message: Record<string, unknown>): void | Promise<void>;
  /** A frame without audio came. */
  protected abstract onEmpty(): void | Promise<void>;

  /** The client has been heard of. */
  protected keepAlive(): void {
    if (!this.isOver) this.idle.refresh();
  }

  private enqueue(work: () => Promise<void>): void {
    this.work = this.work
      .then(() => (this.isOver ? undefined : work()))
      .catch(() => this.line.close(1008, 'DATA-0000: the message cannot be read'));
  }

  private async take(data: Buffer, isBinary: boolean): Promise<void> {
    if (!isBinary) {
      const message = JSON.parse(data.toString()) as Record<string, unknown>;
      return this.onText(String(message.type), message);
    }
    this.keepAlive();
    if (data.length === 0) return this.onEmpty();
    if (data.length % 2 > 0) return this.line.close(1008, 'DATA-0000: the payload cannot be decoded as audio');
    for (const moment of momentsOf(data, this.sampleRateHz)) {
      this.ear.hear(moment);
      await this.onMoment();
    }
  }
}
