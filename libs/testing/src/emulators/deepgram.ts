import { randomUUID } from 'node:crypto';
import { createScriptedSpeechToText } from '../engines/index.js';
import type { Understood } from './deepgram-ear.js';
import { DeepgramLine } from './deepgram-line.js';
import { refusalOfFault, refusalOfRequest, refuse } from './deepgram-refusals.js';
import { DeepgramSession, type DeepgramEmulatorOptions, type DeepgramSessionOptions } from './deepgram-session.js';
import { Emulator } from './emulator.js';

/** No part is longer, in ms: parts of longer speech are final without a pause. */
const LONGEST_PART_MS = 4000;
/** `Finalize` of less audio is not answered. */
const LEAST_FINALIZED_MS = 100;

/** Starts a Deepgram that serves Nova models at `/v1/listen`. */
export function startDeepgramEmulator(options: DeepgramEmulatorOptions = {}): Promise<Emulator> {
  const { ears = createScriptedSpeechToText({ latencyMs: 10 }), port, idleMs = 10_000 } = options;
  return Emulator.start(
    {
      rejection: (fault) =>
        fault === 'server_error' ? refuse(503, 'SERVICE_UNAVAILABLE', 'Please try again.') : refusalOfFault(fault),
      refusal: (request) => refusalOfRequest(request, '/v1/listen'),
      onSocket(socket, request, fault) {
        new NovaSession({ socket, line: new DeepgramLine(socket, fault), request, ears, idleMs });
      },
    },
    port,
  );
}

class NovaSession extends DeepgramSession {
  private readonly requestId = randomUUID();
  private readonly endpointingMs: number;
  private readonly utteranceEndMs: number;
  private hasAudio = false;
  /** Where the newest word ends that `UtteranceEnd` was not said for. */
  private lastWordEndMs: number | undefined;

  constructor(options: DeepgramSessionOptions) {
    super(options);
    const endpointing = this.query.get('endpointing') ?? '10';
    this.endpointingMs = endpointing === 'false' ? Infinity : Number(endpointing);
    this.utteranceEndMs = Number(this.query.get('utterance_end_ms') ?? Infinity);
  }

  protected onInterim(): void {
    if (this.query.get('interim_results') === 'true') this.sayResults(this.ear.soFar(), {});
  }

  protected async onMoment(): Promise<void> {
    const { ear } = this;
    this.hasAudio = true;
    const isPause = ear.loudMs > 0 && ear.silentMs >= this.endpointingMs;
    if (isPause || ear.positionMs - ear.cutMs >= LONGEST_PART_MS) await this.cut({ speech_final: isPause });
    if (this.lastWordEndMs === undefined || ear.loudMs > 0) return;
    if (ear.positionMs - this.lastWordEndMs < this.utteranceEndMs) return;
    this.line.say({ type: 'UtteranceEnd', channel: [0, 1], last_word_end: this.lastWordEndMs / 1000 });
    this.lastWordEndMs = undefined;
  }

  protected async onText(type: string): Promise<void> {
    // Before the first audio nothing else keeps a session.
    if (this.hasAudio) this.keepAlive();
    if (type === 'CloseStream') return this.closeStream();
    const isWorth = this.ear.loudMs > 0 || this.ear.positionMs - this.ear.cutMs >= LEAST_FINALIZED_MS;
    if (type === 'Finalize' && isWorth) await this.cut({ from_finalize: true });
  }

  /** As older clients end a stream. */
  protected onEmpty(): Promise<void> {
    return this.closeStream();
  }

  private async closeStream(): Promise<void> {
    if (this.ear.positionMs > this.ear.cutMs) await this.cut({});
    const duration = this.ear.positionMs / 1000;
    const about = { request_id: this.requestId, created: new Date().toISOString(), duration, channels: 1 };
    this.line.say({ type: 'Metadata', transaction_key: 'deprecated', sha256: '', ...about });
    this.line.close(1000);
  }

  private async cut(marks: { speech_final?: boolean; from_finalize?: boolean }): Promise<void> {
    const understood = await this.ear.cut();
    this.lastWordEndMs = understood.words.at(-1)?.endMs ?? this.lastWordEndMs;
    this.sayResults(understood, { is_final: true, ...marks });
  }

  private sayResults({ text, words, confidence, startMs, endMs }: Understood, marks: Record<string, boolean>): void {
    const alternative = {
      transcript: text,
      confidence,
      words: words.map((each) => ({
        word: each.word.toLowerCase().replace(/[.,?!]+$/, ''),
        start: each.startMs / 1000,
        end: each.endMs / 1000,
        confidence,
        punctuated_word: each.word,
      })),
    };
    this.line.say({
      type: 'Results',
      channel_index: [0, 1],
      duration: (endMs - startMs) / 1000,
      start: startMs / 1000,
      is_final: false,
      speech_final: false,
      from_finalize: false,
      ...marks,
      channel: { alternatives: [alternative] },
      metadata: { request_id: this.requestId, model_info: { name: this.query.get('model'), version: '0', arch: 'emulated' }, model_uuid: this.requestId }, // prettier-ignore
    });
  }
}
