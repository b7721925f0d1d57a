import { copyPcmToBytes } from '@parley/audio';
import type { AudioFrame, ParleyEvent } from '@parley/contracts';
import type { SpeechToText, VoiceActivity } from '@parley/ports';
import { createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus, type FakeClock } from '@parley/testing';
import { createSttMetrics } from '../src/stt-metrics.js';
import { SttSession, type SttSessionOptions } from '../src/stt-session.js';
import { loudnessActivity } from './loudness-activity.js';

const FRAME_SAMPLES = 320;

/** Samples of so many milliseconds. */
export const samplesOf = (durationMs: number) => durationMs * 16;
/** Voice that {@link loudnessActivity} takes for speech. */
export const voice = (durationMs: number) => new Int16Array(samplesOf(durationMs)).fill(2000);
/** Nobody speaks. */
export const silence = (durationMs: number) => new Int16Array(samplesOf(durationMs));

/** A frame of the caller's voice. */
export function frameOf(pcm: Int16Array, pts: number, changes: Partial<AudioFrame> = {}): AudioFrame {
  return {
    codec: 'pcm_s16le',
    sampleRateHz: 16_000,
    epoch: 1,
    seq: 1,
    reply: 0,
    sentence: 0,
    pts,
    lastOfSentence: false,
    lastOfReply: false,
    fence: false,
    payload: copyPcmToBytes(pcm),
    ...changes,
  };
}

/** What a {@link RunningSttSession} is made of. */
export interface RunningSttSessionOptions {
  engine: SpeechToText;
  clock: FakeClock;
  config?: Partial<SttSessionOptions['config']>;
  /** @defaultValue {@link loudnessActivity} */
  voiceActivity?: VoiceActivity;
  /** A session that another owner began; its events are replayed before this one is live. */
  after?: RunningSttSession;
}

/** A live session of the stt stage on a fake bus: the caller's voice goes in, events come out. */
export class RunningSttSession {
  readonly session: SttSession;
  readonly bus: FakeBus;
  readonly sessionId: string;
  /** Where the next frame begins. */
  pts = 0;
  /** Whether the gateway is heard of. */
  gatewayIsThere = true;
  private readonly clock: FakeClock;
  private readonly epoch: number;
  private readonly metrics = createMetrics('stt', { processMetrics: false });

  constructor({ engine, clock, config, voiceActivity = loudnessActivity, after }: RunningSttSessionOptions) {
    this.clock = clock;
    this.bus = after?.bus ?? new FakeBus();
    this.sessionId = after?.sessionId ?? this.bus.newSession();
    this.epoch = (after?.epoch ?? 0) + 1;
    const owned = {
      sessionId: this.sessionId,
      epoch: this.epoch,
      writer: this.bus.writer({ stage: 'stt', sessionId: this.sessionId, epoch: this.epoch }),
      bus: this.bus,
      takeover: after !== undefined,
      gatewayBeat: () => (this.gatewayIsThere ? clock.now() : undefined),
      signal: new AbortController().signal,
      log: createLogger({ service: 'stt', level: 'silent' }),
    };
    this.session = new SttSession(owned, {
      config: {
        UTTERANCE_SILENCE_MS: 300,
        TURN_SILENCE_MS: 700,
        CALLER_STALL_MS: 300,
        FINAL_TIMEOUT_MS: 8000,
        STT_KEY_TERMS: '',
        ...config,
      },
      engine,
      voiceActivity,
      metrics: createSttMetrics(this.metrics),
      now: clock.now,
    });
    for (const event of this.bus.events(this.sessionId)) this.session.onEvent(event);
  }

  /** Sends voice in frames of 20 ms, as they would come, from where the last one ended. */
  async send(...parts: Int16Array[]): Promise<void> {
    for (const part of parts) {
      for (let at = 0; at < part.length; at += FRAME_SAMPLES) {
        const pcm = part.subarray(at, at + FRAME_SAMPLES);
        this.session.onFrame(frameOf(pcm, this.pts));
        this.pts += pcm.length;
        await this.clock.advance(20);
        if (this.clock.now() % 100 === 0) this.session.tick();
      }
    }
    await this.settle();
  }

  /** Lets time pass in which no frame comes. */
  async pass(durationMs: number): Promise<void> {
    for (let passed = 0; passed < durationMs; passed += 100) {
      await this.clock.advance(100);
      this.session.tick();
    }
    await this.settle();
  }

  /** Lets everything that was said and answered be handled. */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) await this.clock.advance(0);
  }

  /** Events that this owner wrote, interims left out, without the envelope. */
  get told(): object[] {
    return this.bus
      .events(this.sessionId)
      .filter(({ epoch, type }) => epoch === this.epoch && type !== 'transcript.interim')
      .map(contentOf);
  }

  /** Types of the events that this owner wrote, interims left out. */
  get types(): string[] {
    return this.told.map((event) => (event as ParleyEvent).type);
  }

  /** A metric's value, by the beginning of its line. */
  async counted(line: string): Promise<number> {
    const found = (await this.metrics.text()).split('\n').find((each) => each.startsWith(line));
    return Number(found?.split(' ').at(-1) ?? 0);
  }
}

function contentOf({
  id: _id,
  sessionId: _session,
  seq: _seq,
  epoch: _epoch,
  stage: _stage,
  at: _at,
  ...content
}: ParleyEvent) {
  return content;
}
