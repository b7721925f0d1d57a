import { randomUUID } from 'node:crypto';
import type { SpeechToText } from '@parley/ports';
import type { WebSocket } from 'ws';
import { readConfiguration, type AssemblyAiParameters } from './assemblyai-parameters.js';
import { AssemblyAiTurns } from './assemblyai-turns.js';
import type { Fault } from './faults.js';

/** What a session is made with. */
export interface AssemblyAiSessionOptions {
  ears: SpeechToText;
  fault: Fault | undefined;
  formatsInSecond?: boolean;
  answersEmptyForce?: boolean;
  maxSessionSeconds?: number;
  maxAheadMs?: number;
  secondMs?: number;
  onSession?(session: AssemblyAiEmulatedSession): void;
}

const MIN_FRAME_MS = 50;
const MAX_FRAME_MS = 1000;

/** One session of the emulated AssemblyAI. Messages are answered one after another. */
export class AssemblyAiEmulatedSession {
  private readonly inbox: { data: Buffer; isBinary: boolean }[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private wake: () => void = () => undefined;
  private isOver = false;
  private inactivity: NodeJS.Timeout | undefined;
  private startedAt = 0;
  private audioMs = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: AssemblyAiSessionOptions,
  ) {
    socket.on('message', (data, isBinary) => {
      this.inbox.push({ data: data as Buffer, isBinary });
      this.wake();
    });
    socket.once('close', () => {
      this.isOver = true;
      for (const timer of this.timers) clearTimeout(timer);
      clearTimeout(this.inactivity);
      this.wake();
    });
  }

  /** Says a message: as it is when it is a string or bytes, or else as JSON. Nothing after the end. */
  say(message: string | Buffer | Record<string, unknown>): void {
    const isRaw = typeof message === 'string' || Buffer.isBuffer(message);
    if (!this.isOver) this.socket.send(isRaw ? message : JSON.stringify(message));
  }

  /** Ends the session with an error, or without a word of it as older servers do. */
  end(code: number, error?: string): void {
    if (error !== undefined) this.say({ type: 'Error', error_code: code, error });
    this.isOver = true;
    this.socket.close(code, error === undefined ? '' : 'See Error message for details');
  }

  /** Takes nothing more from the connection. */
  stall(): void {
    this.socket.pause();
  }

  /** Breaks the connection. */
  drop(): void {
    this.socket.terminate();
  }

  /** Begins the session and serves it until its end. */
  async run(parameters: AssemblyAiParameters): Promise<void> {
    const { ears, fault, maxSessionSeconds = 10_800, secondMs = 1000, onSession } = this.options;
    const { sampleRateHz, language, keyTerms } = parameters;
    const stream = await ears.open({ sessionId: 'emulated', sampleRateHz, language, keyTerms });
    if (this.isOver) return stream.close();
    const turns = new AssemblyAiTurns(stream, parameters, (message) => this.sayOrFail(message), this.options);
    this.startedAt = Date.now();
    this.say({ type: 'Begin', id: randomUUID(), expires_at: Math.floor(Date.now() / 1000) + maxSessionSeconds, configuration: { model: parameters.model, api_version: '2025-05-12' } }); // prettier-ignore
    // A server that hangs does not answer pings either.
    if (fault === 'silent') this.socket.pong = () => undefined;
    this.after(maxSessionSeconds * secondMs, () =>
      this.end(3008, 'Session Expired: Maximum session duration exceeded'),
    );
    this.expectMessage(parameters);
    onSession?.(this);
    try {
      await this.serve(turns, parameters);
    } finally {
      await stream.close();
    }
  }

  private async serve(turns: AssemblyAiTurns, parameters: AssemblyAiParameters): Promise<void> {
    const { fault } = this.options;
    while (!this.isOver) {
      const next = this.inbox.shift();
      if (!next) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      this.expectMessage(parameters);
      if (fault === 'silent') continue;
      if (!next.isBinary) await this.onText(next.data.toString(), turns, parameters);
      else if (fault === 'server_error') this.end(3005, 'Session Cancelled: An error occurred');
      else if (fault === 'closed_early') this.end(1000);
      else await this.onAudio(next.data, turns, parameters);
    }
  }

  private async onAudio(data: Buffer, turns: AssemblyAiTurns, { sampleRateHz }: AssemblyAiParameters): Promise<void> {
    const { maxAheadMs = Infinity } = this.options;
    const ms = (data.length * 500) / sampleRateHz;
    if (ms < MIN_FRAME_MS || ms > MAX_FRAME_MS) {
      return this.end(3007, `Input Duration Error: Input Duration Violation: ${ms.toFixed(1)} ms. Expected between ${MIN_FRAME_MS} and ${MAX_FRAME_MS} ms`); // prettier-ignore
    }
    this.audioMs += ms;
    const tookMs = Date.now() - this.startedAt;
    if (this.audioMs - tookMs > maxAheadMs) {
      return this.end(3007, `Audio Transmission Rate Exceeded: Received ${this.audioMs / 1000} sec. audio in ${tookMs / 1000} sec`); // prettier-ignore
    }
    const pcm = new Int16Array(data.length >> 1);
    for (let at = 0; at < pcm.length; at++) pcm[at] = data.readInt16LE(2 * at);
    await turns.hear(pcm);
  }

  private async onText(text: string, turns: AssemblyAiTurns, parameters: AssemblyAiParameters): Promise<void> {
    const invalid = (what: string) => this.end(3006, `User Input Validation Error: ${what}`);
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return invalid('Invalid JSON');
    }
    if (message === null || typeof message !== 'object' || Array.isArray(message)) return invalid('Invalid Message');
    const { type } = message as { type?: unknown };
    if (type === 'ForceEndpoint') return turns.force();
    if (type === 'KeepAlive') return;
    if (type === 'Terminate') return this.terminate(turns);
    if (type !== 'UpdateConfiguration') return invalid(`Invalid Message Type: ${String(type)}`);
    const changed = readConfiguration(message as Record<string, unknown>);
    if (typeof changed === 'string') return invalid(changed);
    Object.assign(parameters, changed);
  }

  private async terminate(turns: AssemblyAiTurns): Promise<void> {
    await turns.force();
    const session_duration_seconds = Math.round((Date.now() - this.startedAt) / 1000);
    this.say({
      type: 'Termination',
      audio_duration_seconds: Math.round(this.audioMs / 1000),
      session_duration_seconds,
    });
    this.end(1000);
  }

  /** Acts out the faults in the middle of an answer. */
  private sayOrFail(message: Record<string, unknown>): void {
    const { fault } = this.options;
    if (fault === 'dropped') this.drop();
    else if (fault === 'malformed') this.say('{"type":"Turn","turn_order":');
    else if (fault === 'truncated' && message.end_of_turn === true) this.end(1000);
    else this.say(message);
  }

  private expectMessage({ inactivitySeconds }: AssemblyAiParameters): void {
    clearTimeout(this.inactivity);
    if (inactivitySeconds === undefined || this.isOver) return;
    this.inactivity = setTimeout(
      () => this.end(3006, `Session terminated due to inactivity: No messages received for ${inactivitySeconds} seconds`), // prettier-ignore
      inactivitySeconds * (this.options.secondMs ?? 1000),
    );
  }

  private after(ms: number, act: () => void): void {
    this.timers.add(setTimeout(act, ms));
  }
}
