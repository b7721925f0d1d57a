import { copyPcmToBytes } from '@parley/audio';
import type { SessionWriter } from '@parley/bus';
import {
  sessionPolicySchema,
  type AudioFrame,
  type EventType,
  type Mode,
  type ParleyEvent,
  type Payload,
  type SessionPolicyInput,
} from '@parley/contracts';
import type { SpeechToText, VoiceActivity } from '@parley/ports';
import { createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus, type FakeClock } from '@parley/testing';
import { createSttMetrics } from '../src/stt-metrics.js';
import { SttSession, type SttSessionOptions } from '../src/stt-session.js';
import { foldTurnProgress, initialTurnProgress } from '../src/turn-progress.js';
import { loudnessActivity } from './loudness-activity.js';

const FRAME_SAMPLES = 320;

/** Samples of so many milliseconds. */
export const samplesOf = (durationMs: number) => durationMs * 16;
/** Voice that {@link loudnessActivity} takes for speech. */
export const voice = (durationMs: number) => new Int16Array(samplesOf(durationMs)).fill(2000);
/** Nobody speaks. */
export const silence = (durationMs: number) => new Int16Array(samplesOf(durationMs));

const OPENED = {
  agent: 'shop',
  language: 'en',
  inputSampleRateHz: 16_000,
  outputSampleRateHz: 16_000,
  outputFrameMs: 20,
  door: 'ws',
};

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
  mode?: Mode;
  /** Of the session's agent; `late` when it has not said it yet. @defaultValue that of an agent that says nothing */
  policy?: SessionPolicyInput | 'late';
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
  private readonly gateway: SessionWriter;
  private readonly epoch: number;
  private readonly metrics = createMetrics('stt', { processMetrics: false });

  constructor({
    engine,
    clock,
    config,
    voiceActivity = loudnessActivity,
    mode,
    policy = {},
    after,
  }: RunningSttSessionOptions) {
    this.clock = clock;
    this.bus = after?.bus ?? new FakeBus();
    this.sessionId = after?.sessionId ?? this.bus.newSession();
    this.epoch = (after?.epoch ?? 0) + 1;
    this.gateway = after?.gateway ?? this.bus.writer({ stage: 'gateway', sessionId: this.sessionId, epoch: 1 });
    if (!after) {
      void this.gateway.publish('session.opened', { ...OPENED, mode: mode ?? 'voice-to-voice' });
      if (policy !== 'late') this.writePolicy(policy);
    }
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

  /** The gateway writes an event, and this session is told. */
  gatewayWrites<T extends EventType>(type: T, payload: Payload<T>): void {
    void this.gateway.publish(type, payload);
    this.session.onEvent(this.newest);
  }

  /** The caller commits at a position of its voice. */
  commit(pts = this.pts): void {
    this.gatewayWrites('session.commit', { pts });
  }

  /** The agent says its policy, which it has not done before. */
  policy(policy: SessionPolicyInput): void {
    this.writePolicy(policy);
    this.session.onEvent(this.newest);
  }

  /** Lets everything that was said and answered be handled. */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) await this.clock.advance(0);
  }

  /** Events that this owner wrote, interims left out, without the envelope. */
  get told(): object[] {
    return this.bus
      .events(this.sessionId)
      .filter(({ stage, epoch }) => stage === 'stt' && epoch === this.epoch)
      .filter(({ type }) => type !== 'transcript.interim')
      .map(contentOf);
  }

  /** Types of the events that this owner wrote, interims left out. */
  get types(): string[] {
    return this.told.map((event) => (event as ParleyEvent).type);
  }

  private writePolicy(policy: SessionPolicyInput): void {
    const agent = this.bus.writer({ stage: 'agent', sessionId: this.sessionId, epoch: 1 });
    void agent.publish('session.policy', sessionPolicySchema.parse(policy));
  }

  private get newest(): ParleyEvent {
    return this.bus.events(this.sessionId).at(-1) as ParleyEvent;
  }

  /** What the session knows when nothing is going on in it. */
  get rest(): unknown {
    return this.session.stateAtRest();
  }

  /** What a new owner would know. */
  get folded(): unknown {
    return this.bus.events(this.sessionId).reduce(foldTurnProgress, initialTurnProgress());
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
