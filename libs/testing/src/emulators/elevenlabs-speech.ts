import type { WebSocket } from 'ws';
import type { ElevenLabsManner } from './elevenlabs.js';
import { ELEVENLABS_KINDS } from './elevenlabs-rejections.js';
import { partsOf, type VoicePart } from './elevenlabs-voice.js';
import type { RecordedRequest } from './emulator.js';
import type { Fault } from './faults.js';

/** Texts at a time on one socket. */
const MAX_CONTEXTS = 5;
/** Parts that are sent before a text goes wrong in its middle. */
const PARTS_BEFORE_FAULT = 2;
/** Longest reason of a close, in bytes. */
const MAX_REASON_BYTES = 123;

/** A message of the client. */
interface ClientMessage {
  text?: unknown;
  context_id?: unknown;
  voice_settings?: unknown;
  flush?: unknown;
  close_context?: unknown;
  close_socket?: unknown;
}

/** One text, or more of them in a row. */
interface Context {
  settings: string;
  /** Not flushed yet. */
  text: string;
  /** Ends when everything flushed has been spoken. */
  work: Promise<void>;
  isClosing: boolean;
}

/** Talks on a text-to-speech socket: of one text, or of many. */
export function talkElevenLabsSpeech(
  manner: ElevenLabsManner,
  socket: WebSocket,
  request: RecordedRequest,
  fault: Fault | undefined,
): void {
  new SpeechConversation(manner, socket, request, fault).begin();
}

class SpeechConversation {
  private readonly contexts = new Map<string, Context>();
  private readonly gone = new AbortController();
  private readonly isMulti: boolean;
  private readonly voice: string;
  private inactivity: NodeJS.Timeout | undefined;

  constructor(
    private readonly manner: ElevenLabsManner,
    private readonly socket: WebSocket,
    private readonly request: RecordedRequest,
    private fault: Fault | undefined,
  ) {
    this.isMulti = request.url.pathname.includes('multi-stream-input');
    this.voice = decodeURIComponent(request.url.pathname.split('/')[3] ?? '');
  }

  begin(): void {
    const { socket, manner, request, fault } = this;
    const query = request.url.searchParams;
    socket.on('close', () => {
      this.gone.abort();
      clearTimeout(this.inactivity);
    });
    const kind = fault && ELEVENLABS_KINDS[fault]?.speech;
    if (kind) return this.refuse(kind);
    if (!manner.isKeyTaken(request.headers['xi-api-key'] ?? query.get('authorization'))) {
      return this.refuse('invalid_api_key');
    }
    if (!manner.isVoiceKnown(this.voice)) return this.refuse('voice_not_found');
    if (query.get('model_id')?.startsWith('eleven_v3')) return this.refuse('model_not_found');
    if (!/^pcm_(8000|16000|22050|24000|44100)$/.test(query.get('output_format') ?? '')) {
      return this.refuse('output_format_not_allowed');
    }
    this.stayAwake();
    socket.on('message', (data) => this.take((data as Buffer).toString()));
  }

  private take(data: string): void {
    let message: ClientMessage;
    try {
      message = JSON.parse(data) as ClientMessage;
    } catch {
      return this.refuse('invalid_input_message');
    }
    const { text, context_id: id } = message;
    if (message.close_socket === true) return void this.finish();
    const name = this.isMulti && typeof id === 'string' ? id : 'default';
    if (typeof text === 'string') this.takeText(name, text, message.voice_settings);
    const context = this.contexts.get(name);
    if (!context) return;
    if (message.flush === true || this.request.url.searchParams.get('auto_mode') === 'true') this.speak(name, context);
    if (message.close_context === true || (!this.isMulti && text === '')) this.close(name, context);
  }

  private takeText(name: string, text: string, voiceSettings: unknown): void {
    this.stayAwake();
    const settings = JSON.stringify(voiceSettings ?? {});
    const context = this.contexts.get(name);
    if (context) {
      if (voiceSettings !== undefined && settings !== context.settings) return this.refuse('invalid_input_message');
      context.text += text;
      return;
    }
    // A text begins with a space; an empty one keeps alive, and makes one of its own.
    if (text !== ' ' && !(this.isMulti && text === '')) return this.refuse('invalid_input_message');
    if (this.contexts.size >= MAX_CONTEXTS) return this.refuse('max_active_conversations');
    this.contexts.set(name, { settings, text: '', work: Promise.resolve(), isClosing: false });
  }

  private speak(name: string, context: Context): void {
    const text = context.text.trim();
    context.text = '';
    if (text === '' || context.isClosing) return;
    if (this.fault === 'silent') return;
    if (this.fault === 'closed_early') return this.socket.close(1011);
    context.work = context.work.then(() => this.generate(name, text)).catch(() => undefined);
  }

  private async generate(name: string, text: string): Promise<void> {
    const { searchParams: query } = this.request.url;
    const sampleRateHz = Number(query.get('output_format')?.slice('pcm_'.length));
    const language = query.get('language_code') ?? 'en';
    const { signal } = this.gone;
    let sent = 0;
    for await (const part of partsOf(this.manner.voice, { text, voice: this.voice, sampleRateHz, language, signal })) {
      if (this.manner.noise) this.send({ type: 'flush_done', contextId: name });
      this.send(this.audioOf(name, part));
      if (++sent === PARTS_BEFORE_FAULT) this.breakOff();
    }
  }

  private breakOff(): void {
    if (this.fault === 'truncated') this.socket.close(1000);
    if (this.fault === 'dropped') this.socket.terminate();
    if (this.fault === 'malformed') this.socket.send('{"audio": "AAAA');
  }

  private close(name: string, context: Context): void {
    if (context.isClosing || this.fault === 'silent') return;
    context.isClosing = true;
    void context.work.then(() => {
      this.contexts.delete(name);
      const isSnake = this.manner.spelling === 'snake';
      const of = this.isMulti ? { [isSnake ? 'context_id' : 'contextId']: name } : { audio: null };
      this.send({ [isSnake ? 'is_final' : 'isFinal']: true, ...of });
      if (!this.isMulti) this.socket.close(1000);
    });
  }

  private async finish(): Promise<void> {
    await Promise.all([...this.contexts.values()].map(({ work }) => work));
    this.socket.close(1000);
  }

  private audioOf(name: string, { audio, startMs, characters }: VoicePart): object {
    const { spelling, noise } = this.manner;
    const [starts, durations] = {
      camel: ['charStartTimesMs', 'charDurationsMs'],
      chars: ['charStartTimesMs', 'charsDurationsMs'],
      snake: ['char_start_times_ms', 'char_durations_ms'],
    }[spelling] as [string, string];
    const alignment = {
      chars: characters.map(({ text }) => text),
      [starts]: characters.map((character) => character.startMs - startMs),
      [durations]: characters.map((character) => character.endMs - character.startMs),
    };
    const isSnake = spelling === 'snake';
    return {
      audio: audio.toString('base64'),
      [isSnake ? 'is_final' : 'isFinal']: null,
      normalizedAlignment: characters.length > 0 ? alignment : null,
      alignment: characters.length > 0 ? alignment : null,
      ...(this.isMulti && { [isSnake ? 'context_id' : 'contextId']: name }),
      ...(noise && { credits: 3 }),
    };
  }

  private stayAwake(): void {
    clearTimeout(this.inactivity);
    const seconds = Number(this.request.url.searchParams.get('inactivity_timeout') ?? 20);
    this.inactivity = setTimeout(() => this.refuse('input_timeout_exceeded'), seconds * this.manner.secondMs);
  }

  private refuse(kind: string): void {
    const said = JSON.stringify({ message: `The connection is closed: ${kind}.`, error: kind, code: 1008 });
    this.socket.send(said);
    this.socket.close(1008, said.slice(0, MAX_REASON_BYTES));
  }

  private send(message: object): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
