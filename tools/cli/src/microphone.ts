import type { CallerWav } from './caller-wav.js';
import type { Clock } from './clock.js';

/** Rate of everything a caller sends. */
export const CALLER_RATE_HZ = 16_000;
const FRAME_MS = 20;
const FRAME_SAMPLES = (CALLER_RATE_HZ * FRAME_MS) / 1000;
/** A stall longer than this is not caught up, as the gateway takes a burst for audio that is too fast. */
const MAX_CATCH_UP_FRAMES = 25;

/** What a microphone needs. */
export interface MicrophoneOptions {
  clock: Clock;
  /** Takes one frame of 20 ms, PCM16 16 kHz mono. */
  send(frame: Int16Array): void;
}

/**
 * A caller's microphone: one frame each 20 ms for as long as it is on, silence when nothing is spoken. As in a phone a
 * frame leaves when its last sample has been heard, so the time of a sample is known from the schedule.
 */
export class Microphone {
  readonly #clock: Clock;
  readonly #send: (frame: Int16Array) => void;
  #on = false;
  #cancel: () => void = () => {};
  #startedAtMs = 0;
  #frames = 0;
  #skipped = 0;
  #speaking: { wav: CallerWav; at: number; heard: boolean; onSpeechEnd(atMs: number): void; done(): void } | undefined;

  constructor(options: MicrophoneOptions) {
    this.#clock = options.clock;
    this.#send = options.send;
  }

  /** Frames never sent because this process stalled for longer than can be caught up. */
  get skippedFrames(): number {
    return this.#skipped;
  }

  /** Switches on; once. */
  start(): void {
    this.#startedAtMs = this.#clock.nowMs();
    this.#on = true;
    this.#arm();
  }

  /** Switches off; what is being spoken is cut, and its `speak` resolves. May be called twice. */
  stop(): void {
    this.#on = false;
    this.#cancel();
    this.#finish();
  }

  /**
   * Speaks a WAV from the next frame on; one at a time. Resolves when its last sample has left, or at
   * once when the microphone is off.
   * @param onSpeechEnd told when the frame with the last sample of speech has left, with the time of that sample
   */
  speak(wav: CallerWav, onSpeechEnd: (atMs: number) => void): Promise<void> {
    if (this.#speaking) throw new RangeError('the microphone speaks one WAV at a time');
    if (!this.#on) return Promise.resolve();
    return new Promise((done) => {
      this.#speaking = { wav, at: 0, heard: false, onSpeechEnd, done };
    });
  }

  #dueAtMs(frame: number): number {
    return this.#startedAtMs + (frame + 1) * FRAME_MS;
  }

  #arm(): void {
    this.#cancel = this.#clock.after(this.#dueAtMs(this.#frames) - this.#clock.nowMs(), () => this.#tick());
  }

  #tick(): void {
    const lateFrames = Math.floor((this.#clock.nowMs() - this.#dueAtMs(this.#frames)) / FRAME_MS);
    if (lateFrames > MAX_CATCH_UP_FRAMES) {
      this.#skipped += lateFrames;
      this.#startedAtMs += lateFrames * FRAME_MS;
    }
    while (this.#on && this.#clock.nowMs() >= this.#dueAtMs(this.#frames)) this.#sendFrame();
    if (this.#on) this.#arm();
  }

  #sendFrame(): void {
    const dueAtMs = this.#dueAtMs(this.#frames++);
    const frame = new Int16Array(FRAME_SAMPLES);
    const speaking = this.#speaking;
    if (!speaking) return this.#send(frame);
    frame.set(speaking.wav.pcm.subarray(speaking.at, speaking.at + FRAME_SAMPLES));
    speaking.at += FRAME_SAMPLES;
    this.#send(frame);
    const { speechEndSample } = speaking.wav;
    if (!speaking.heard && speaking.at >= speechEndSample) {
      speaking.heard = true;
      speaking.onSpeechEnd(dueAtMs - ((speaking.at - speechEndSample) * 1000) / CALLER_RATE_HZ);
    }
    if (speaking.at >= speaking.wav.pcm.length) this.#finish();
  }

  #finish(): void {
    const speaking = this.#speaking;
    this.#speaking = undefined;
    speaking?.done();
  }
}
