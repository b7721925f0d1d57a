import { randomUUID } from 'node:crypto';
import type { WordTime } from '@parley/contracts';
import type { TextToSpeech } from '@parley/ports';
import type { WebSocket } from 'ws';
import { readGeneration, type GenerationFields, type Refusal } from './cartesia-request.js';
import type { CartesiaEmulatorOptions } from './cartesia.js';
import { emulatedVoice } from './emulated-voice.js';
import type { Fault } from './faults.js';

/** What a socket is made with. */
export interface CartesiaSocketOptions extends CartesiaEmulatorOptions {
  voice: TextToSpeech;
  /** Contexts that are spoken, of all sockets. */
  contexts: Set<string>;
  fault: Fault | undefined;
}

interface Context {
  /** Of the first request; the others have to agree. */
  first: GenerationFields;
  /** What was asked for is spoken in its order. */
  spoken: Promise<void>;
  spokenMs: number;
  flushes: number;
  /** Chunks that may still be sent. */
  chunksLeft: number;
}

/** One socket of the emulated Cartesia. */
export class CartesiaSocket {
  private readonly contexts = new Map<string, Context>();
  private idle: NodeJS.Timeout | undefined;
  private isSilent: boolean;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: CartesiaSocketOptions,
  ) {
    this.isSilent = options.fault === 'silent';
    socket.on('message', (data) => this.hear((data as Buffer).toString()));
    socket.on('close', () => {
      clearTimeout(this.idle);
      for (const id of [...this.contexts.keys()]) this.end(id);
    });
    this.waitIdle();
  }

  private hear(text: string): void {
    this.waitIdle();
    if (this.isSilent) return;
    let fields: Record<string, unknown>;
    try {
      fields = JSON.parse(text) as Record<string, unknown>;
    } catch {
      this.refuse(undefined, { status: 400, code: null, title: 'Invalid JSON' });
      return;
    }
    const contextId = typeof fields['context_id'] === 'string' ? fields['context_id'] : undefined;
    if (fields['cancel'] === true) {
      const context = contextId === undefined ? undefined : this.contexts.get(contextId);
      if (!context || contextId === undefined) return;
      context.chunksLeft = this.options.lateChunks ?? 1;
      if (context.chunksLeft <= 0) this.end(contextId);
      return;
    }
    const request = readGeneration(fields, this.options.voices);
    if ('status' in request) this.refuse(contextId, request);
    else this.generate(request);
  }

  private generate(request: GenerationFields): void {
    const id = request.context_id;
    const known = this.contexts.get(id);
    const refusal = known ? contradiction(known.first, request) : this.refusalOfNew(request);
    if (refusal) {
      this.end(id);
      this.refuse(id, refusal);
      return;
    }
    if (this.options.fault === 'closed_early') {
      this.socket.close(1001, 'going away');
      return;
    }
    const context = known ?? {
      first: request,
      spoken: Promise.resolve(),
      spokenMs: 0,
      flushes: 0,
      chunksLeft: Infinity,
    };
    this.contexts.set(id, context);
    this.options.contexts.add(id);
    context.spoken = context.spoken
      .then(() => this.speak(context, request))
      .catch(() => {
        this.end(id);
        this.refuse(id, { status: 500, code: null, title: 'Internal server error' });
      });
  }

  private refusalOfNew({ transcript, continue: goesOn }: GenerationFields): Refusal | undefined {
    const { contexts, maxContexts = Infinity } = this.options;
    if (contexts.size >= maxContexts)
      return { status: 429, code: 'concurrency_limited', title: 'Too many concurrent requests' };
    const isEmpty = transcript.trim() === '' && !goesOn;
    return isEmpty ? { status: 400, code: null, title: 'Transcript is empty' } : undefined;
  }

  private async speak(context: Context, request: GenerationFields): Promise<void> {
    const { transcript, language, sampleRateHz, voiceId, context_id: id } = request;
    const beginsMs = context.spokenMs;
    if (transcript.trim() !== '') {
      const wanted = { text: transcript, language, sampleRateHz, voice: voiceId };
      for await (const { pcm, words = [] } of emulatedVoice(this.options.voice, wanted)) {
        if (!this.isOpen(id)) return;
        context.spokenMs += (pcm.length * 1000) / sampleRateHz;
        const timed = words.map((word) => later(word, beginsMs));
        if (!this.options.lateWords) this.sendWords(request, timed);
        this.sendVoice(context, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
        if (this.options.lateWords) this.sendWords(request, timed);
        if (context.chunksLeft <= 0) this.end(id);
        this.actFault();
      }
    }
    if (!this.isOpen(id)) return;
    if (request.flush) {
      context.flushes += 1;
      this.send({ type: 'flush_done', context_id: id, done: false, flush_done: true, flush_id: context.flushes, status_code: 206 }); // prettier-ignore
    }
    if (request.continue) return;
    this.end(id);
    this.send({ type: 'done', context_id: id, done: true, status_code: 200 });
  }

  private sendVoice(context: Context, bytes: Buffer): void {
    const size = this.options.chunkBytes ?? Math.max(1, bytes.length);
    for (let at = 0; at < bytes.length; at += size) {
      const data = bytes.subarray(at, at + size).toString('base64');
      this.send({ type: 'chunk', context_id: context.first.context_id, data, done: false, status_code: 206, step_time: 1 }); // prettier-ignore
    }
    context.chunksLeft -= 1;
  }

  private sendWords(request: GenerationFields, words: readonly WordTime[]): void {
    if (!request.add_timestamps || words.length === 0) return;
    const times = {
      words: words.map(({ word }) => word),
      start: words.map(({ startMs }) => startMs / 1000),
      end: words.map(({ endMs }) => endMs / 1000),
    };
    this.send({ type: 'timestamps', context_id: request.context_id, done: false, status_code: 206, word_timestamps: times }); // prettier-ignore
  }

  private actFault(): void {
    const { fault } = this.options;
    if (fault === 'truncated') this.socket.close(1000);
    if (fault === 'dropped') this.socket.terminate();
    if (fault === 'malformed') this.socket.send('{"type":"chunk","data":');
  }

  private refuse(contextId: string | undefined, { status, code, title }: Refusal): void {
    const said = { title, message: `${title}.`, error_code: code, status_code: status, request_id: randomUUID() };
    this.send({ type: 'error', done: true, ...said, ...(contextId !== undefined && { context_id: contextId }) });
  }

  private isOpen(contextId: string): boolean {
    return this.contexts.has(contextId) && this.socket.readyState === this.socket.OPEN;
  }

  private end(contextId: string): void {
    this.contexts.delete(contextId);
    this.options.contexts.delete(contextId);
  }

  private send(message: unknown): void {
    this.waitIdle();
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private waitIdle(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.socket.close(1000, 'idle'), this.options.idleMs ?? 300_000);
    this.idle.unref();
  }
}

/** What must stay the same within a context. */
function contradiction(first: GenerationFields, next: GenerationFields): Refusal | undefined {
  const isSame = (['model_id', 'voiceId', 'sampleRateHz'] as const).every((field) => first[field] === next[field]);
  return isSame ? undefined : { status: 400, code: null, title: 'Context settings changed' };
}

function later({ word, startMs, endMs }: WordTime, byMs: number): WordTime {
  return { word, startMs: startMs + byMs, endMs: endMs + byMs };
}
