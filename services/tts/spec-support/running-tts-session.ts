import { jest } from '@jest/globals';
import type { AudioFrame, Mode, ParleyEvent, Payload } from '@parley/contracts';
import type { TextToSpeech } from '@parley/ports';
import { createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { createTtsMetrics } from '../src/tts-metrics.js';
import { TtsSession, type TtsSessionOptions } from '../src/tts-session.js';
import { event } from './reply-events.js';

/** What a {@link RunningTtsSession} is made of. */
export interface RunningTtsSessionOptions {
  engine: TextToSpeech;
  config?: Partial<TtsSessionOptions['config']>;
  mode?: Mode;
  /** What is played when no engine speaks; nothing by default. */
  apology?: Int16Array;
  opened?: Partial<Payload<'session.opened'>>;
  /** What the log holds already; delivered before the session is live. */
  replayed?: ParleyEvent[];
}

/** A live session of the tts stage on a fake bus, in jest's time: events go in, frames come out. */
export class RunningTtsSession {
  readonly session: TtsSession;
  readonly bus = new FakeBus();
  readonly sessionId = this.bus.newSession();
  /** Frames that the broker has not acknowledged. */
  unackedFrames = 0;
  private readonly metrics = createMetrics('tts', { processMetrics: false });

  constructor(options: RunningTtsSessionOptions) {
    const { engine, config, mode = 'voice-to-voice', apology = new Int16Array(0), opened, replayed = [] } = options;
    const writer = this.bus.writer({ stage: 'tts', sessionId: this.sessionId, epoch: 1 });
    Object.defineProperty(writer, 'unackedFrames', { get: () => this.unackedFrames });
    const owned = {
      sessionId: this.sessionId,
      epoch: 1,
      writer,
      bus: this.bus,
      takeover: replayed.length > 0,
      gatewayBeat: () => undefined,
      signal: new AbortController().signal,
      log: createLogger({ service: 'tts', level: 'silent' }),
    };
    const settings = { TTS_MAX_LEAD_MS: 20_000, TTS_TIMEOUT_MS: 10_000, TTS_VOICE: undefined, ...config };
    this.session = new TtsSession(owned, {
      config: settings,
      engineFor: () => engine,
      apology: { in: () => Promise.resolve(apology) },
      metrics: createTtsMetrics(this.metrics),
    });
    const opening = event('session.opened', {
      agent: 'shop',
      mode,
      language: 'en',
      inputSampleRateHz: 16_000,
      outputSampleRateHz: 16_000,
      outputFrameMs: 20,
      door: 'test',
      ...opened,
    });
    for (const past of [opening, ...replayed]) this.session.onEvent(past);
    this.session.onLive();
  }

  /** Delivers events, one directly after the other. */
  tell(...events: ParleyEvent[]): void {
    for (const each of events) this.session.onEvent(each);
  }

  /** Lets time pass, and what becomes due in it happen. */
  async pass(durationMs: number): Promise<void> {
    await this.settle();
    await jest.advanceTimersByTimeAsync(durationMs);
    await this.settle();
  }

  /** Lets happen what waits for no timer, the loading of a resampler too. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  get frames(): AudioFrame[] {
    return this.bus.frames(this.sessionId, 'out');
  }

  /** `<reply>/<sentence>` of each sentence whose last frame came, and `end <reply>`, in order. */
  get spoken(): string[] {
    return this.frames.flatMap(({ reply, sentence, lastOfSentence, lastOfReply }) => {
      if (lastOfReply) return [`end ${reply}`];
      return lastOfSentence ? [`${reply}/${sentence}`] : [];
    });
  }

  /** All voice of a sentence. */
  pcm(reply: number, sentence: number): Int16Array {
    const frames = this.frames.filter((frame) => frame.reply === reply && frame.sentence === sentence);
    const bytes = Buffer.concat(frames.map(({ payload }) => payload));
    return new Int16Array(new Uint8Array(bytes).buffer);
  }

  /** A metric's value, by the beginning of its line. */
  async counted(line: string): Promise<number> {
    const found = (await this.metrics.text()).split('\n').find((each) => each.startsWith(line));
    return Number(found?.split(' ').at(-1) ?? 0);
  }
}
