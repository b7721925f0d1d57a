import { nearestRate, openResampler, samplesToMs, type Resampler } from '@parley/audio';
import {
  DEFAULT_POLICY,
  type EventOf,
  type ParleyEvent,
  type Payload,
  type ProviderChoice,
  type SessionPolicy,
} from '@parley/contracts';
import type { EngineError, TextToSpeech } from '@parley/ports';
import { publishOrLog, type CloseReason, type OwnedSession, type StageSession } from '@parley/stage-kit';
import { errorOf } from '@parley/telemetry';
import { answering } from './answering.js';
import { FrameCutter } from './frame-cutter.js';
import type { RecordedApology } from './recorded-apology.js';
import { ReplyQueue, type QueuedSentence, type SpeechTask } from './reply-queue.js';
import type { TtsConfig } from './tts.config.js';
import type { TtsMetrics } from './tts-metrics.js';
import { chooseVoices } from './voice-choice.js';
import { WordTimes } from './word-times.js';

/** What a session of the tts stage works with. */
export interface TtsSessionOptions {
  config: Pick<TtsConfig, 'TTS_MAX_LEAD_MS' | 'TTS_TIMEOUT_MS' | 'TTS_VOICE'>;
  /** The engine for the providers that an agent names; the stage's own without. */
  engineFor(chain: ProviderChoice[] | undefined): TextToSpeech;
  /** Played where no engine speaks. */
  apology: RecordedApology;
  metrics: TtsMetrics;
  now?: () => number;
}

/** Frames without an acknowledgement at which synthesis waits. */
const MAX_UNACKED_FRAMES = 256;
const WAIT_MS = 20;
/** With so much voice made ahead of the caller's ear, a new owner has time to go on. */
const HAND_OVER_LEAD_MS = 2000;
/** Frames that fit into the voice that is made ahead of the caller's ear, at least. */
const FRAMES_AHEAD = 4;

/** Speaks one session's replies, sentence by sentence, in order, and stops at once when told. */
export class TtsSession implements StageSession {
  private readonly queue = new ReplyQueue();
  private readonly now: () => number;
  private opened: EventOf<'session.opened'> | undefined;
  private policy: Pick<SessionPolicy, 'voice' | 'speakers' | 'providers'> = DEFAULT_POLICY;
  private speaking: AbortController | undefined;
  private running = false;
  private live = false;
  private closed = false;
  /** The reply in which nothing could be said, and that was said. */
  private apologisedIn = 0;
  /** When the reply's voice began and how much of it has been made. */
  private lead = { reply: 0, startedAt: 0, madeMs: 0 };

  constructor(
    private readonly session: OwnedSession,
    private readonly options: TtsSessionOptions,
  ) {
    this.now = options.now ?? (() => performance.now());
  }

  onEvent(event: ParleyEvent): void {
    if (event.type === 'session.opened') this.opened = event;
    if (event.type === 'session.policy') this.policy = event;
    if (this.queue.accept(event)) this.speaking?.abort();
    this.run();
  }

  onLive(): void {
    this.live = true;
    this.run();
  }

  /** It is being spoken and the caller is about to need it: a moment later there is more in hand. */
  isBusy(): boolean {
    return this.running && this.leadMs() < HAND_OVER_LEAD_MS;
  }

  close(_reason: CloseReason): Promise<void> {
    this.closed = true;
    this.speaking?.abort();
    return Promise.resolve();
  }

  private get engine(): TextToSpeech {
    return this.options.engineFor(this.policy.providers.tts);
  }

  private run(): void {
    if (this.running || !this.live) return;
    this.running = true;
    void this.work();
  }

  private async work(): Promise<void> {
    for (let task = this.nextTask(); task; task = this.nextTask()) {
      try {
        if (task.type === 'speak') await this.speak(task, this.opened as EventOf<'session.opened'>);
        else this.endReply(task.reply, task.sentences);
      } catch (error) {
        this.report(error, task.reply);
      }
    }
    // In the same turn as the last look at the queue, so that an event that comes next begins anew.
    this.running = false;
  }

  private nextTask(): SpeechTask | undefined {
    if (this.closed || !this.opened) return undefined;
    return this.queue.take();
  }

  private async speak(
    task: QueuedSentence,
    { outputSampleRateHz, outputFrameMs, language }: EventOf<'session.opened'>,
  ) {
    const { engine } = this;
    const { metrics } = this.options;
    const abort = new AbortController();
    this.speaking = abort;
    const cutter = new FrameCutter(
      {
        sampleRateHz: outputSampleRateHz,
        frameMs: () => this.frameMs(task.reply, outputFrameMs),
        reply: task.reply,
        sentence: task.sentence,
      },
      (frame) => {
        if (!abort.signal.aborted) this.session.writer.audio('out', frame);
      },
    );
    const times = new WordTimes({ reply: task.reply, sentence: task.sentence }, (words) => this.tellWords(words));
    let outcome = 'spoken';
    let resampler: Resampler | undefined;
    try {
      const engineRateHz = nearestRate(engine.capabilities.sampleRatesHz, outputSampleRateHz);
      resampler = await openResampler({ inputRateHz: engineRateHz, outputRateHz: outputSampleRateHz });
      const voice = task.spoken ? this.voiceOf(task, language, engineRateHz, abort.signal) : [];
      for await (const { pcm, words = [] } of voice) {
        cutter.push(resampler.process(pcm));
        const chunkMs = samplesToMs(pcm.length, engineRateHz);
        times.push(words, chunkMs);
        await this.pace(task.reply, chunkMs, abort.signal);
      }
      cutter.push(resampler.flush());
    } catch (error) {
      outcome = abort.signal.aborted ? 'aborted' : 'failed';
      if (outcome === 'failed') {
        this.report(error, task.reply);
        await this.apologise(task.reply, cutter, outputSampleRateHz);
      }
    } finally {
      resampler?.close();
      // Of a sentence that was interrupted they are needed most.
      times.end();
    }
    if (abort.signal.aborted) outcome = 'aborted';
    else cutter.end();
    metrics.sentences.inc({ engine: engine.name, outcome });
    metrics.audio.inc({ engine: engine.name }, cutter.samples / outputSampleRateHz);
  }

  /** Speaks a sentence with its speaker's voice; with the next one in question, when that fails before the first sound. */
  private async *voiceOf(task: QueuedSentence, language: string, sampleRateHz: number, signal: AbortSignal) {
    const { engine } = this;
    const { metrics, config } = this.options;
    const { sessionId } = this.session;
    const { capabilities, name } = engine;
    const wishes = { speaker: task.speaker, policy: this.policy, configured: config.TTS_VOICE || undefined };
    const { voices, unknown } = chooseVoices({ ...wishes, known: capabilities.voices });
    if (unknown > 0) metrics.voiceFallbacks.inc({ engine: name, reason: 'unknown' }, unknown);
    const startedAt = this.now();
    for (const [index, voice] of voices.entries()) {
      let isFirst = true;
      const wanted = { ...(voice !== undefined && { voice }), language, sampleRateHz, signal };
      const chunks = engine.synthesize({ sessionId, text: task.spoken, ...wanted });
      try {
        for await (const chunk of answering(chunks, config.TTS_TIMEOUT_MS, signal)) {
          if (isFirst) metrics.ttfb.observe({ engine: name }, (this.now() - startedAt) / 1000);
          isFirst = false;
          yield chunk;
        }
        return;
      } catch (error) {
        const isOver = signal.aborted || !isFirst || index === voices.length - 1;
        // An engine that does not answer is waited for once.
        if (isOver || (error as Partial<EngineError>).code === 'engine_timeout') throw error;
        metrics.voiceFallbacks.inc({ engine: name, reason: 'failed' });
        this.session.log.limited('voice', 'warn', { ...errorOf(error), voice }, 'a voice failed: another one is taken');
      }
    }
  }

  /** Nothing of the sentence was heard: once a reply, a recording says so in its place. */
  private async apologise(reply: number, cutter: FrameCutter, sampleRateHz: number): Promise<void> {
    if (cutter.samples > 0 || this.apologisedIn === reply) return;
    this.apologisedIn = reply;
    this.options.metrics.apologies.inc();
    cutter.push(await this.options.apology.in(sampleRateHz));
  }

  private tellWords(words: Payload<'synthesis.words'>): void {
    if (this.closed) return;
    this.options.metrics.timedWords.inc({ engine: this.engine.name }, words.words.length);
    void publishOrLog(this.session, 'synthesis.words', words);
  }

  /** The further ahead of the caller's ear, the longer: each frame costs the broker and the gateway the same. */
  private frameMs(reply: number, shortestMs: number): number {
    const aheadMs = this.lead.reply === reply ? this.leadMs() : 0;
    return Math.max(1, Math.floor(aheadMs / FRAMES_AHEAD / shortestMs)) * shortestMs;
  }

  private leadMs(): number {
    const { startedAt, madeMs } = this.lead;
    return madeMs - (this.now() - startedAt);
  }

  /** Synthesis is many times faster than speech: it waits when far ahead, and when the broker is behind. */
  private async pace(reply: number, chunkMs: number, signal: AbortSignal): Promise<void> {
    if (this.lead.reply !== reply) this.lead = { reply, startedAt: this.now(), madeMs: 0 };
    this.lead.madeMs += chunkMs;
    const ahead = () => this.leadMs() > this.options.config.TTS_MAX_LEAD_MS;
    while (!signal.aborted && (ahead() || this.session.writer.unackedFrames > MAX_UNACKED_FRAMES)) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }

  private endReply(reply: number, sentences: number): void {
    if (!this.opened) return;
    this.session.writer.audio('out', {
      codec: 'pcm_s16le',
      sampleRateHz: this.opened.outputSampleRateHz,
      reply,
      sentence: Math.max(0, sentences - 1),
      pts: 0,
      lastOfSentence: false,
      lastOfReply: true,
      payload: new Uint8Array(0),
    });
  }

  /** The sentence stays unspoken, but the reply goes on. */
  private report(error: unknown, reply: number): void {
    const code = (error as Partial<EngineError>).code ?? 'internal';
    this.options.metrics.failures.inc({ engine: this.engine.name, code });
    this.session.log.warn(errorOf(error), 'text to speech failed');
    const payload = { code: 'engine_failed', message: `text to speech: ${code}`, retryable: true, reply } as const;
    void publishOrLog(this.session, 'stage.failed', payload);
  }
}
