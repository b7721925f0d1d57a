import { bytesToPcm, msToSamples, samplesToMs } from '@parley/audio';
import type { AudioFrame, EventType, ParleyEvent, Payload } from '@parley/contracts';
import {
  EngineError,
  type SpeechToText,
  type SpeechToTextEvent,
  type SpeechToTextStream,
  type VoiceActivity,
} from '@parley/ports';
import type { VoiceSince } from '@parley/bus';
import type { CloseReason, OwnedSession, StageSession } from '@parley/stage-kit';
import { errorOf } from '@parley/telemetry';
import type { SttConfig } from './stt.config.js';
import type { SttMetrics } from './stt-metrics.js';
import { foldTurnProgress, initialTurnProgress } from './turn-progress.js';
import { VoiceGate, type VoiceGateListener } from './voice-gate.js';

/** What a session of the stt stage works with. */
export interface SttSessionOptions {
  config: Pick<
    SttConfig,
    'UTTERANCE_SILENCE_MS' | 'TURN_SILENCE_MS' | 'CALLER_STALL_MS' | 'FINAL_TIMEOUT_MS' | 'STT_KEY_TERMS'
  >;
  engine: SpeechToText;
  voiceActivity: VoiceActivity;
  metrics: SttMetrics;
  now?: () => number;
}

/** Sample rate of the caller's voice on the bus. */
export const INPUT_RATE_HZ = 16_000;

/** How often a session is told that time has passed. */
export const TICK_MS = 100;

/** How long the voice of a caller who has come back is waited for. */
const RESUME_TICKS = 30;

/** Voice is stored before what was made of it is written, by about this at most. */
const RESUME_MARGIN_MS = 2000;

/** Most voice that waits for a stream to open: half a minute. */
const MAX_EARLY_SAMPLES = 30 * INPUT_RATE_HZ;

interface Flush {
  utterance: number;
  endPts: number;
  audioMs: number;
  at: number;
}

/** One caller's voice: gate, engine, final transcripts, end of turn. */
export class SttSession implements StageSession, VoiceGateListener {
  private progress = initialTurnProgress();
  private readonly gate: VoiceGate;
  private readonly now: () => number;
  private stream: SpeechToTextStream | undefined;
  private opening = false;
  /** Which opening of a stream counts: one that was given up for another does not. */
  private attempt = 0;
  private language = 'en';
  /** What the stream that is being opened must be told: voice, and where utterances ended. */
  private early: (Int16Array | 'flush')[] = [];
  private earlySamples = 0;
  /** Nothing will come of the newest utterance. */
  private utteranceFailed = false;
  private readonly flushes: Flush[] = [];
  private stoppedPts = 0;
  /** A predecessor transcribed the voice up to here. */
  private resumePts = 0;
  private utteranceStartPts = 0;
  private turnOpen = false;
  /** Ticks since the last frame in which the broker was there: a stall of this process is no silence. */
  private ticksWithoutFrame = 0;
  /** The gateway's heartbeat at the first of them. */
  private beatAtStall: number | undefined;
  /** A predecessor's last word on what it transcribed, or the session's beginning: when it was written. */
  private resumeAtMs = 0;
  /** The caller is lost, or has come back, and the voice that waits there has not come from this gateway epoch on. */
  private awaited: { epoch: number; ticks: number } | undefined;
  private closed = false;

  constructor(
    private readonly session: OwnedSession,
    private readonly options: SttSessionOptions,
  ) {
    this.now = options.now ?? (() => performance.now());
    this.gate = new VoiceGate(
      { sampleRateHz: INPUT_RATE_HZ, minSilenceMs: options.config.UTTERANCE_SILENCE_MS },
      options.voiceActivity.open({ sampleRateHz: INPUT_RATE_HZ }),
      this,
    );
  }

  onEvent(event: ParleyEvent): void {
    if (event.type === 'session.opened') {
      this.language = event.language;
      this.resumeAtMs = event.at;
    }
    if (event.type === 'session.suspended') this.awaited = { epoch: event.epoch + 1, ticks: Infinity };
    if (event.type === 'session.resumed') this.awaited = { epoch: event.epoch, ticks: RESUME_TICKS };
    if (event.stage !== 'stt' || event.epoch === this.session.epoch) return;
    if (event.type === 'transcript.final' || event.type === 'turn.ended') this.resumeAtMs = event.at;
    this.progress = foldTurnProgress(this.progress, event);
    this.turnOpen = this.progress.texts.length > 0;
    this.stoppedPts = this.progress.transcribedPts;
    this.resumePts = this.progress.transcribedPts;
    this.gate.startAt(this.resumePts);
  }

  /**
   * @throws {EngineError} `engine_input` for voice that is not PCM of 16 kHz
   * @throws {AudioError} `odd_length`
   */
  onFrame(frame: AudioFrame): void {
    if (frame.codec !== 'pcm_s16le' || frame.sampleRateHz !== INPUT_RATE_HZ) {
      throw new EngineError('engine_input', `voice is pcm_s16le of ${INPUT_RATE_HZ} Hz here`, false);
    }
    const pcm = bytesToPcm(frame.payload);
    const seconds = pcm.length / INPUT_RATE_HZ;
    this.options.metrics.audio.inc(seconds);
    this.ticksWithoutFrame = 0;
    // Voice from before the caller was lost may come behind the word of it.
    if (this.awaited && frame.epoch >= this.awaited.epoch) this.awaited = undefined;
    if (frame.pts + pcm.length <= this.resumePts) {
      this.options.metrics.skipped.inc(seconds);
      return;
    }
    const missing = this.gate.accept(pcm, frame.pts);
    if (missing > 0) this.options.metrics.gaps.inc(missing / INPUT_RATE_HZ);
  }

  /** From a little before what the log says of transcripts was written; checked by what is found. */
  voiceSince(): VoiceSince {
    return {
      atMs: this.resumeAtMs - RESUME_MARGIN_MS,
      isEnough: (first) => first !== undefined && first.pts <= this.resumePts,
    };
  }

  /** Opened before the first word, so that it does not wait for what the engine loads. */
  onLive(): void {
    if (!this.stream && !this.opening) void this.openStream();
  }

  /** Called every 100 ms: lets a caller who sends no audio at all be silent, and gives up on a silent engine. */
  tick(): void {
    if (this.closed || !(this.turnOpen || this.gate.speaking)) return;
    if (this.isCallerSilent()) this.gate.assumeSilence();
    const oldest = this.flushes[0];
    if (oldest && this.now() - oldest.at > this.options.config.FINAL_TIMEOUT_MS) {
      this.onEngineFailed('engine_timeout', 'no final transcript in time');
    }
    this.endTurnIfDue();
  }

  /** No frames come though the gateway is alive, and whatever it sent before its heartbeat has come. */
  private isCallerSilent(): boolean {
    const beat = this.session.bus.connected ? this.session.gatewayBeat() : undefined;
    if (beat === undefined || (this.awaited && this.awaited.ticks-- > 0)) return false;
    this.awaited = undefined;
    if (this.ticksWithoutFrame++ === 0) this.beatAtStall = beat;
    return (
      this.ticksWithoutFrame * TICK_MS > this.options.config.CALLER_STALL_MS && beat > (this.beatAtStall ?? Infinity)
    );
  }

  onSpeechStarted(atPts: number, pcm: Int16Array): void {
    this.progress = { ...this.progress, utterance: this.progress.utterance + 1 };
    this.turnOpen = true;
    this.utteranceFailed = false;
    this.utteranceStartPts = atPts;
    const { UTTERANCE_SILENCE_MS: stopsAfterMs } = this.options.config;
    this.publish('speech.started', { utterance: this.progress.utterance, pts: atPts, stopsAfterMs });
    this.write(pcm);
  }

  onSpeech(pcm: Int16Array): void {
    this.write(pcm);
  }

  onSpeechStopped(atPts: number, durationMs: number): void {
    const { utterance } = this.progress;
    this.stoppedPts = atPts;
    this.publish('speech.stopped', { utterance, pts: atPts, durationMs });
    if (this.utteranceFailed) return;
    const audioMs = samplesToMs(Math.max(0, atPts - this.utteranceStartPts), INPUT_RATE_HZ);
    this.flushes.push({ utterance, endPts: this.gate.receivedPts, audioMs, at: this.now() });
    if (this.opening) this.early.push('flush');
    else this.tell((stream) => stream.flush());
  }

  onMoved(): void {
    this.endTurnIfDue();
  }

  /** A new owner transcribes an utterance from its beginning. */
  isBusy(): boolean {
    return this.gate.speaking || this.flushes.length > 0;
  }

  stateAtRest(): unknown {
    return this.turnOpen || this.isBusy() ? undefined : this.progress;
  }

  async close(_reason: CloseReason): Promise<void> {
    this.closed = true;
    this.gate.close();
    // A stream that is still being opened is closed when it comes.
    await this.stream?.close();
  }

  private write(pcm: Int16Array): void {
    if (this.utteranceFailed) return;
    if (this.stream) {
      this.tell((stream) => stream.write(pcm));
      return;
    }
    if (this.earlySamples + pcm.length > MAX_EARLY_SAMPLES) {
      this.onEngineFailed('engine_timeout', 'the engine did not open in time');
      return;
    }
    this.early.push(pcm.slice());
    this.earlySamples += pcm.length;
    if (!this.opening) void this.openStream();
  }

  /** What a stream throws is the engine's failure, not the frame's. */
  private tell(say: (stream: SpeechToTextStream) => void): void {
    try {
      if (this.stream) say(this.stream);
    } catch (error) {
      this.onEngineFailed(codeOf(error), (error as Error).message);
    }
  }

  /** Opens the engine; what is said meanwhile waits, so that no word is lost. */
  private async openStream(): Promise<void> {
    const attempt = ++this.attempt;
    this.opening = true;
    let stream: SpeechToTextStream;
    try {
      const { sessionId } = this.session;
      const keyTerms = this.options.config.STT_KEY_TERMS.split(',')
        .map((term) => term.trim())
        .filter(Boolean);
      stream = await this.options.engine.open({
        sessionId,
        sampleRateHz: INPUT_RATE_HZ,
        language: this.language,
        keyTerms,
      });
    } catch (error) {
      if (attempt === this.attempt && !this.closed) this.onEngineFailed(codeOf(error), (error as Error).message);
      return;
    }
    if (attempt !== this.attempt || this.closed) {
      await this.closeStream(stream);
      return;
    }
    this.stream = stream;
    this.opening = false;
    void this.listen(stream);
    this.earlySamples = 0;
    for (const said of this.early.splice(0)) {
      this.tell((open) => (said === 'flush' ? open.flush() : open.write(said)));
    }
  }

  private async listen(stream: SpeechToTextStream): Promise<void> {
    try {
      for await (const event of stream.events) {
        if (this.closed || this.stream !== stream) return;
        this.onEngineEvent(event);
      }
      if (this.stream === stream && !this.closed) this.onEngineFailed('engine_closed', 'the engine ended the stream');
    } catch (error) {
      if (this.stream !== stream || this.closed) return;
      this.session.log.error(errorOf(error), 'reading the engine failed');
      this.onEngineFailed(codeOf(error), (error as Error).message);
    }
  }

  private onEngineEvent(event: SpeechToTextEvent): void {
    if (event.type === 'interim') {
      if (event.text) {
        const { utterance } = this.flushes[0] ?? this.progress;
        this.publish('transcript.interim', { utterance, text: event.text, stableChars: event.stableChars ?? 0 });
      }
    } else if (event.type === 'final') {
      this.onFinal(event);
    } else if (event.type === 'flushed') {
      this.flushes.shift();
      this.endTurnIfDue();
    } else if (event.type === 'error') {
      this.onEngineFailed(event.error.code, event.error.message);
    }
  }

  private onFinal({ text, confidence, words }: Extract<SpeechToTextEvent, { type: 'final' }>): void {
    const flush = this.flushes[0];
    const engine = this.options.engine.name;
    const transcriptionMs = flush ? this.now() - flush.at : 0;
    const endPts = flush?.endPts ?? this.gate.receivedPts;
    this.options.metrics.finals.inc({ engine });
    this.options.metrics.transcription.observe({ engine }, transcriptionMs / 1000);
    this.progress = {
      ...this.progress,
      texts: text ? [...this.progress.texts, text] : this.progress.texts,
      transcribedPts: endPts,
    };
    this.publish('transcript.final', {
      utterance: flush?.utterance ?? this.progress.utterance,
      text,
      endPts,
      audioMs: flush?.audioMs ?? 0,
      ...(confidence !== undefined && { confidence }),
      ...(words && { words }),
      engine,
      transcriptionMs,
    });
  }

  /** The turn is over when the caller has been silent long enough and every word said has its final transcript. */
  private endTurnIfDue(): void {
    if (!this.turnOpen || this.gate.speaking || this.flushes.length > 0) return;
    const silent = this.gate.position - this.stoppedPts;
    if (silent < msToSamples(this.options.config.TURN_SILENCE_MS, INPUT_RATE_HZ)) return;
    this.turnOpen = false;
    const text = this.progress.texts.join(' ').trim();
    if (!text) {
      this.options.metrics.empty.inc();
      return;
    }
    const eouDelayMs = samplesToMs(silent, INPUT_RATE_HZ);
    this.progress = { ...this.progress, turn: this.progress.turn + 1, texts: [] };
    this.options.metrics.turns.inc();
    this.options.metrics.eouDelay.observe(eouDelayMs / 1000);
    this.publish('turn.ended', { turn: this.progress.turn, text, eouDelayMs, endPts: Math.max(0, this.stoppedPts) });
  }

  /** What was being recognised is lost and said to be; the next utterance opens a new stream. */
  private onEngineFailed(code: string, message: string): void {
    const { stream } = this;
    this.attempt++;
    this.stream = undefined;
    this.opening = false;
    this.utteranceFailed = true;
    this.flushes.length = 0;
    this.early = [];
    this.earlySamples = 0;
    this.options.metrics.failures.inc({ engine: this.options.engine.name, code });
    this.session.log.warn({ code, message }, 'speech to text failed');
    this.publish('stage.failed', { code: 'engine_failed', message: `speech to text: ${code}`, retryable: true });
    if (stream) void this.closeStream(stream);
  }

  private async closeStream(stream: SpeechToTextStream): Promise<void> {
    try {
      await stream.close();
    } catch (error) {
      this.session.log.warn(errorOf(error), 'closing the engine failed');
    }
  }

  private publish<T extends EventType>(type: T, payload: Payload<T>): void {
    this.session.writer
      .publish(type, payload)
      .catch((error: unknown) =>
        this.session.log.limited('publish', 'warn', errorOf(error), 'an event was not stored'),
      );
  }
}

function codeOf(error: unknown): string {
  return (error as Partial<EngineError>).code ?? 'engine_unavailable';
}
