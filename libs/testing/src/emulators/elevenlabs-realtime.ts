import type { SpeechToTextEvent, SpeechToTextStream } from '@parley/ports';
import type { WebSocket } from 'ws';
import type { ElevenLabsManner } from './elevenlabs.js';
import { ELEVENLABS_KINDS } from './elevenlabs-rejections.js';
import type { RecordedRequest } from './emulator.js';
import type { Fault } from './faults.js';

type Final = Extract<SpeechToTextEvent, { type: 'final' }>;

/** Least audio of a segment, in ms. */
const MIN_COMMIT_MS = 300;
/** Most audio of one message, in ms. */
const MAX_CHUNK_MS = 1000;
/** Seconds of silence after which it closes, without a word. */
const IDLE_SECONDS = 15;
/** Mean amplitude above which somebody speaks. */
const LOUD = 300;

/** A message of the client. */
interface ClientMessage {
  message_type?: unknown;
  audio_base_64?: unknown;
  commit?: unknown;
  previous_text?: unknown;
}

/** Talks on a realtime speech-to-text socket. */
export async function talkElevenLabsRealtime(
  manner: ElevenLabsManner,
  socket: WebSocket,
  request: RecordedRequest,
  fault: Fault | undefined,
): Promise<void> {
  const query = request.url.searchParams;
  const refuse = (kind: string) => {
    socket.send(JSON.stringify({ message_type: kind, error: `The session is refused: ${kind}.` }));
    socket.close(1008);
  };
  const kind = fault && ELEVENLABS_KINDS[fault]?.realtime;
  if (kind) return refuse(kind);
  if (!manner.isKeyTaken(request.headers['xi-api-key'])) return refuse('auth_error');
  const sampleRateHz = Number(/^pcm_(\d+)$/.exec(query.get('audio_format') ?? 'pcm_16000')?.[1]);
  const isPlausible =
    query.get('model_id') && query.getAll('keyterms').every((term) => term.length <= 20) && sampleRateHz > 0;
  if (!isPlausible) return refuse('invalid_request');
  const language = query.get('language_code') ?? 'en';
  const keyTerms = query.getAll('keyterms');
  let stream: SpeechToTextStream;
  try {
    stream = await manner.ears.open({ sessionId: 'emulated', sampleRateHz, language, keyTerms });
  } catch {
    return refuse('invalid_request');
  }
  new RealtimeConversation(manner, socket, { stream, sampleRateHz, query, fault }).begin();
}

class RealtimeConversation {
  private readonly vadSilenceMs: number | undefined;
  /** Where segments begin that are committed and not told, in ms of the socket's audio. */
  private readonly begins: number[] = [];
  private final: Final | undefined;
  private heardMs = 0;
  private beginMs = 0;
  private silentMs = 0;
  private isSpeaking = false;
  private isFirst = true;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly manner: ElevenLabsManner,
    private readonly socket: WebSocket,
    private readonly session: {
      stream: SpeechToTextStream;
      sampleRateHz: number;
      query: URLSearchParams;
      fault: Fault | undefined;
    },
  ) {
    const { query } = session;
    const isVad = query.get('commit_strategy') === 'vad';
    this.vadSilenceMs = isVad ? Number(query.get('vad_silence_threshold_secs') ?? 1.5) * 1000 : undefined;
  }

  begin(): void {
    const { stream, query, sampleRateHz, fault } = this.session;
    this.socket.on('close', () => {
      clearTimeout(this.idle);
      void stream.close();
    });
    this.say('session_started', {
      session_id: 's1',
      config: {
        sample_rate: sampleRateHz,
        audio_format: query.get('audio_format') ?? 'pcm_16000',
        language_code: query.get('language_code'),
        commit_strategy: query.get('commit_strategy') ?? 'manual',
        model_id: query.get('model_id'),
        include_timestamps: query.get('include_timestamps') === 'true',
        keyterms: query.getAll('keyterms'),
      },
    });
    this.stayAwake();
    if (fault === 'silent') return;
    void this.tell();
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) this.fail('input_error');
      else this.take((data as Buffer).toString());
    });
  }

  private take(data: string): void {
    let message: ClientMessage;
    try {
      message = JSON.parse(data) as ClientMessage;
    } catch {
      return this.fail('input_error');
    }
    if (message.message_type === 'commit') return this.commit();
    if (message.message_type !== 'input_audio_chunk' || typeof message.audio_base_64 !== 'string') {
      return this.fail('input_error');
    }
    if (message.previous_text !== undefined && !this.isFirst) return this.fail('input_error');
    this.isFirst = false;
    this.stayAwake();
    if (this.session.fault === 'closed_early') return this.socket.close(1011);
    const bytes = Buffer.from(message.audio_base_64, 'base64');
    const pcm = new Int16Array(Math.floor(bytes.length / 2)).map((_, n) => bytes.readInt16LE(2 * n));
    if (!this.hear(pcm)) return;
    if (message.commit === true) this.commit();
  }

  private hear(pcm: Int16Array): boolean {
    const lengthMs = (pcm.length * 1000) / this.session.sampleRateHz;
    if (lengthMs > MAX_CHUNK_MS) {
      this.fail('chunk_size_exceeded');
      return false;
    }
    this.session.stream.write(pcm);
    this.heardMs += lengthMs;
    if (this.vadSilenceMs === undefined || pcm.length === 0) return true;
    const isLoud = pcm.reduce((sum, sample) => sum + Math.abs(sample), 0) / pcm.length > LOUD;
    this.silentMs = isLoud ? 0 : this.silentMs + lengthMs;
    if (isLoud) this.isSpeaking = true;
    else if (this.isSpeaking && this.silentMs >= this.vadSilenceMs) this.commit();
    return true;
  }

  private commit(): void {
    this.isSpeaking = false;
    if (this.heardMs - this.beginMs < MIN_COMMIT_MS)
      return this.say('commit_throttled', { error: 'Too little audio.' });
    const { fault } = this.session;
    if (fault === 'truncated') return this.socket.close(1000);
    if (fault === 'dropped') return this.socket.terminate();
    if (fault === 'malformed') return this.socket.send('{"message_type":"committed_tran');
    this.begins.push(this.beginMs);
    this.beginMs = this.heardMs;
    this.session.stream.flush();
  }

  private async tell(): Promise<void> {
    for await (const event of this.session.stream.events) {
      if (this.manner.noise) this.say('speech_mood', { mood: 'calm' });
      if (event.type === 'interim') this.say('partial_transcript', { text: event.text });
      if (event.type === 'final') this.final = event;
      if (event.type === 'flushed') this.tellCommitted();
      if (event.type === 'error') this.fail('transcriber_error');
    }
  }

  private tellCommitted(): void {
    const begin = this.begins.shift() ?? 0;
    const { text = '', words = [] } = this.final ?? {};
    this.final = undefined;
    const plain = () => this.say('committed_transcript', { text });
    const timed = () => {
      const items = words.map(({ word, startMs, endMs }) => [
        { text: word, start: (begin + startMs) / 1000, end: (begin + endMs) / 1000, type: 'word', logprob: -0.1 },
        { text: ' ', start: (begin + endMs) / 1000, end: (begin + endMs) / 1000, type: 'spacing', logprob: 0 },
      ]);
      const spoken = items.flat().slice(0, -1);
      this.say('committed_transcript_with_timestamps', { text, language_code: 'en', words: spoken });
    };
    const { transcripts } = this.manner;
    const isTimed = this.session.query.get('include_timestamps') === 'true' && transcripts !== 'plain_only';
    if (isTimed && transcripts === 'timed_first') timed();
    plain();
    if (isTimed && transcripts === 'plain_first') timed();
  }

  private stayAwake(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.socket.close(1000), IDLE_SECONDS * this.manner.secondMs);
  }

  private fail(kind: string): void {
    this.say(kind, { error: `The session failed: ${kind}.` });
    this.socket.close(1008);
  }

  private say(type: string, fields: object): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(JSON.stringify({ message_type: type, ...fields, ...(this.manner.noise && { extra: [1] }) }));
  }
}
