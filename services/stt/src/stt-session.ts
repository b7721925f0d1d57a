import { bytesToPcm, samplesToMs } from '@parley/audio';
import type { VoiceSince } from '@parley/bus';
import type { AudioFrame, ParleyEvent, ProviderChoice } from '@parley/contracts';
import { EngineError, type SpeechToText, type VoiceActivity } from '@parley/ports';
import type { CloseReason, OwnedSession, StageSession } from '@parley/stage-kit';
import { CallerStall, TICK_MS } from './caller-stall.js';
import { CallerVoice } from './caller-voice.js';
import { engineSettingsOf } from './engine-settings.js';
import { EngineStream, type EngineFinal, type EngineStreamListener, type FinalRequest } from './engine-stream.js';
import { INPUT_RATE_HZ } from './input-rate.js';
import { OpenUtterances, type Utterance } from './open-utterances.js';
import type { SttConfig } from './stt.config.js';
import type { SttMetrics } from './stt-metrics.js';
import { TurnEnds } from './turn-ends.js';
import { TurnLog } from './turn-log.js';
import { isHeard, type TurnProgress } from './turn-progress.js';
import { VoiceGate, type VoiceGateListener } from './voice-gate.js';

/** What a session of the stt stage works with. */
export interface SttSessionOptions {
  config: Pick<SttConfig, 'UTTERANCE_SILENCE_MS' | 'CALLER_STALL_MS' | 'FINAL_TIMEOUT_MS' | 'STT_KEY_TERMS'>;
  /** The stage's own. */
  engine: SpeechToText;
  /** The engine for the providers that an agent names. @defaultValue the stage's own, whatever it names */
  engineFor?(chain: ProviderChoice[] | undefined): SpeechToText;
  voiceActivity: VoiceActivity;
  metrics: SttMetrics;
  now?: () => number;
}

/** Voice is stored before what was made of it is written, by about this at most. */
const RESUME_MARGIN_MS = 2000;

/** How long the engine waits to be opened for the agent's policy, which comes at once as a rule. */
const POLICY_WAIT_TICKS = 200 / TICK_MS;

/** One caller's voice: gate, engine, final transcripts, end of turn. */
export class SttSession implements StageSession, VoiceGateListener, EngineStreamListener {
  private readonly log: TurnLog;
  private readonly utterances = new OpenUtterances();
  private readonly gate: VoiceGate;
  private readonly engine: EngineStream;
  private readonly voice: CallerVoice;
  private readonly turns: TurnEnds;
  private readonly stall: CallerStall;
  private readonly now: () => number;
  /** A predecessor transcribed the voice up to here. */
  private resumePts = 0;
  /** A predecessor's last word on what it transcribed, or the session's beginning: when it was written. */
  private resumeAtMs = 0;
  private isLive = false;
  /** Ticks for which the policy is still waited for. Whoever takes over has read it, if it was ever said. */
  private policyTicks: number;
  private hasFallenBack = false;
  private closed = false;

  constructor(
    private readonly session: OwnedSession,
    private readonly options: SttSessionOptions,
  ) {
    const { config, engine, voiceActivity, metrics } = options;
    const { utterances } = this;
    const now = (this.now = options.now ?? (() => performance.now()));
    const log = (this.log = new TurnLog(session));
    const gate = (this.gate = new VoiceGate(
      { sampleRateHz: INPUT_RATE_HZ, minSilenceMs: config.UTTERANCE_SILENCE_MS },
      voiceActivity.open({ sampleRateHz: INPUT_RATE_HZ }),
      this,
    ));
    const ask = (last: Utterance) => this.ask(last);
    const voice = (this.voice = new CallerVoice({ log, gate, utterances, metrics, ask }));
    const engineEndsTurns = () => this.engine.endsTurns;
    this.turns = new TurnEnds({ log, gate, voice, utterances, metrics, engineEndsTurns, ask });
    this.policyTicks = session.takeover ? 0 : POLICY_WAIT_TICKS;
    this.stall = new CallerStall(session, config.CALLER_STALL_MS);
    this.engine = new EngineStream({ engine, session, finalTimeoutMs: config.FINAL_TIMEOUT_MS, now }, this);
  }

  onEvent(event: ParleyEvent): void {
    if (event.type === 'session.opened') this.resumeAtMs = event.at;
    this.stall.onEvent(event);
    if (event.stage === 'stt' && event.epoch === this.session.epoch) return;
    this.log.read(event);
    if (event.stage === 'stt') this.goOnFrom(event);
    const tellsSettings = event.type === 'session.policy' || event.type === 'session.opened';
    if (tellsSettings && this.progress.policy) this.configureEngine();
    if (event.type === 'session.commit') {
      this.voice.onBoundary(event.pts, true);
      this.endTurns();
    }
    if (event.type === 'session.mode') this.onMode(event.pts ?? 0);
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
    this.stall.onFrame(frame);
    if (frame.pts + pcm.length <= this.resumePts) {
      this.options.metrics.skipped.inc(seconds);
      return;
    }
    this.configureAtLast();
    this.voice.hear(pcm, frame.pts);
    this.endTurns();
  }

  /** From a little before what the log says of transcripts was written; checked by what is found. */
  voiceSince(): VoiceSince {
    return {
      atMs: this.resumeAtMs - RESUME_MARGIN_MS,
      isEnough: (first) => first !== undefined && first.pts <= this.resumePts,
    };
  }

  /** The engine is opened before the first word, so that it does not wait for what the engine loads. */
  onLive(): void {
    this.isLive = true;
    this.voice.goLive();
    this.configureAtLast();
    if (this.callerSpeaks) this.engine.open();
  }

  /** Called every 100 ms: lets a caller who sends no audio at all be silent, and gives up on a silent engine. */
  tick(): void {
    if (this.closed) return;
    if (this.isLive && this.policyTicks > 0) this.policyTicks--;
    this.configureAtLast();
    this.engine.tick();
    if (!this.voice.isBehind && !this.turns.isOpen) return;
    if (this.stall.isSilent()) this.voice.assumeSilence();
    this.endTurns();
  }

  onHeard(pcm: Int16Array, atPts: number): void {
    if (this.engine.hearsAll && this.engine.isFed) this.engine.write(pcm, atPts);
  }

  onSpeechStarted(atPts: number, pcm: Int16Array): void {
    const { hearsAll, isFed } = this.engine;
    this.turns.noteSpeech(atPts);
    const { UTTERANCE_SILENCE_MS: stopsAfterMs } = this.options.config;
    this.log.write('speech.started', { utterance: this.progress.utterance + 1, pts: atPts, stopsAfterMs });
    this.utterances.begin(this.progress.utterance, atPts);
    this.engine.begin();
    if (!hearsAll) this.engine.write(pcm);
    else if (!isFed) this.engine.write(pcm, this.gate.position - pcm.length);
  }

  onSpeech(pcm: Int16Array): void {
    if (!this.engine.hearsAll) this.engine.write(pcm);
  }

  onSpeechStopped(atPts: number, durationMs: number): void {
    const utterance = this.utterances.stop(atPts);
    this.log.write('speech.stopped', { utterance: utterance.ordinal, pts: atPts, durationMs });
    // An engine that ends turns gives its finals unasked.
    if (utterance.finals === 'unasked' && !this.engine.endsTurns) this.ask(utterance);
  }

  onJudgedLate(): void {
    this.endTurns();
  }

  onInterim(text: string, stableChars: number, request: FinalRequest | undefined): void {
    const open = this.utterances.all.findLast(({ finals }) => finals !== 'there');
    // An engine that hears all voice may be sooner than the gate.
    const utterance = request?.utterance ?? open?.ordinal ?? this.progress.utterance + 1;
    this.log.write('transcript.interim', { utterance, text, stableChars });
  }

  onFinal(final: EngineFinal, request: FinalRequest | undefined, saidEndPts: number | undefined): void {
    const { text, confidence, words } = final;
    const engine = this.engine.engine.name;
    const endPts = request?.endPts ?? Math.min(saidEndPts ?? Infinity, this.gate.receivedPts);
    const span = this.utterances.spanOf(endPts, this.progress.transcribedPts, request?.utterance);
    const startPts = span?.startPts ?? endPts;
    const stopPts = Math.max(startPts, Math.min(span?.stopPts ?? endPts, endPts));
    const waitedMs = samplesToMs(Math.max(0, this.gate.receivedPts - stopPts), INPUT_RATE_HZ);
    const transcriptionMs = request ? this.now() - request.atMs : waitedMs;
    this.options.metrics.finals.inc({ engine });
    this.options.metrics.transcription.observe({ engine }, transcriptionMs / 1000);
    this.log.write('transcript.final', {
      utterance: request?.utterance ?? span?.ordinal ?? Math.max(1, this.progress.utterance),
      text,
      startPts,
      endPts,
      audioMs: samplesToMs(stopPts - startPts, INPUT_RATE_HZ),
      ...(confidence !== undefined && { confidence }),
      ...(words && { words }),
      engine,
      transcriptionMs,
    });
  }

  onAnswered({ utterance }: FinalRequest): void {
    this.utterances.answered(utterance);
    this.endTurns();
    this.settleEngine();
  }

  onEndOfTurn(): void {
    const { transcribedPts } = this.progress;
    const current = this.utterances.current;
    if (current && current.startPts < transcribedPts) this.gate.endUtterance();
    this.utterances.covered(transcribedPts);
    this.endTurns(true);
  }

  /** What was being recognised is lost and said to be. */
  onFailed(code: string, message: string): void {
    this.utterances.failed();
    this.options.metrics.failures.inc({ engine: this.engine.engine.name, code });
    this.session.log.warn({ code, message }, 'speech to text failed');
    this.log.write('stage.failed', { code: 'engine_failed', message: `speech to text: ${code}`, retryable: true });
  }

  /** A new owner transcribes an utterance from its beginning. */
  isBusy(): boolean {
    return this.gate.speaking || this.utterances.isBusy;
  }

  stateAtRest(): unknown {
    return this.isBusy() ? undefined : this.progress;
  }

  async close(_reason: CloseReason): Promise<void> {
    this.closed = true;
    this.gate.close();
    await this.engine.close();
  }

  private get progress(): TurnProgress {
    return this.log.progress;
  }

  private get callerSpeaks(): boolean {
    return isHeard(this.progress, Infinity);
  }

  private goOnFrom(event: ParleyEvent): void {
    if (event.type === 'transcript.final' || event.type === 'turn.ended') this.resumeAtMs = event.at;
    this.resumePts = this.progress.transcribedPts;
    this.voice.startAt(this.resumePts);
  }

  /** The policy is not waited for any more: the default holds. */
  private configureAtLast(): void {
    if (this.policyTicks === 0 && !this.engine.isConfigured) this.configureEngine();
  }

  private configureEngine(): void {
    const { config, metrics, engineFor } = this.options;
    const engine = engineFor?.(this.progress.policy?.chain) ?? this.options.engine;
    const settings = { ...engineSettingsOf(this.progress, engine.capabilities, config.STT_KEY_TERMS), engine };
    const asksEngine = this.progress.policy?.endpointing.by === 'engine';
    if (asksEngine && !settings.endOfTurn && !this.hasFallenBack) {
      this.hasFallenBack = true;
      metrics.fallbacks.inc({ engine: engine.name });
      const fields = { engine: engine.name };
      this.session.log.limited('endpointing', 'warn', fields, 'the engine ends no turns: silence does');
    }
    this.engine.configure(settings);
    this.settleEngine();
  }

  /** Between utterances: has the stream that is needed now, or none. */
  private settleEngine(): void {
    if (this.isBusy()) return;
    if (!this.callerSpeaks) this.engine.rest();
    else if (this.engine.renew()) this.options.metrics.reopened.inc({ engine: this.engine.engine.name });
  }

  private onMode(pts: number): void {
    this.voice.onBoundary(pts, false);
    if (this.callerSpeaks && this.isLive) this.engine.open();
    this.endTurns();
    this.settleEngine();
  }

  private ask(last: Utterance): void {
    const isAsked = this.engine.ask({ utterance: last.ordinal, endPts: this.gate.receivedPts });
    if (isAsked) this.utterances.asked(last.ordinal);
    else this.utterances.answered(last.ordinal);
  }

  private endTurns(engineEnded = false): void {
    if (this.turns.endDue(engineEnded)) this.settleEngine();
  }
}
