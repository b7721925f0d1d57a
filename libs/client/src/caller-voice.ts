import { CallerBuffer } from './caller-buffer.js';
import type { Clock } from './clock.js';

/** Longest frame made of several that wait. */
const MAX_JOINED_SAMPLES = 3200;
const RETRY_MS = 20;

/** Where the caller's voice goes. */
export interface VoiceOutlet {
  /** Bytes that wait because the network does not take them. */
  readonly backlogBytes: number;
  audio(pcm: Uint8Array): void;
}

/** The caller's voice on its way to whichever gateway has the session: numbered by samples, and sent again after a loss. */
export class CallerVoice {
  readonly #buffer: CallerBuffer;
  #outlet: VoiceOutlet | undefined;
  /** The next sample to go out. */
  #next = 0;
  #lostSamples = 0;
  #cancel: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    bufferedSamples: number,
    private readonly maxBacklogBytes: number,
  ) {
    this.#buffer = new CallerBuffer(bufferedSamples);
  }

  /** Samples since the session began. */
  get sent(): number {
    return this.#buffer.end;
  }

  /** First of them that can be sent again. */
  get kept(): number {
    return this.#buffer.start;
  }

  /** Samples that no gateway has got and that are not kept any more. */
  get lostSamples(): number {
    return this.#lostSamples;
  }

  /** Takes a frame. @returns false when it is dropped because the network does not keep up */
  push(pcm: Uint8Array): boolean {
    const isDirect = this.#outlet !== undefined && this.#next === this.#buffer.end;
    if (isDirect && this.#outlet!.backlogBytes + pcm.byteLength > this.maxBacklogBytes) return false;
    this.#buffer.push(pcm);
    this.#pump();
    return true;
  }

  /** There is a connection whose gateway wants the voice from this sample on. */
  connect(outlet: VoiceOutlet, from: number): void {
    this.#outlet = outlet;
    this.#next = from;
    if (from > this.#buffer.end) this.#buffer.skipTo(from);
    this.#pump();
  }

  /** The connection is lost. */
  disconnect(): void {
    this.#outlet = undefined;
    this.#cancel();
  }

  #pump(): void {
    const outlet = this.#outlet;
    if (!outlet) return;
    this.#cancel();
    while (this.#next < this.#buffer.end) {
      const pcm = this.#piece();
      // What goes out anew is paced by whoever speaks; what waits is paced by the network.
      const isNewest = this.#next + pcm.byteLength / 2 === this.#buffer.end;
      if (!isNewest && outlet.backlogBytes > this.maxBacklogBytes) {
        this.#cancel = this.clock.after(RETRY_MS, () => this.#pump());
        return;
      }
      this.#next += pcm.byteLength / 2;
      outlet.audio(pcm);
    }
  }

  /** The next frame; silence for what is not kept any more, so that gateway and client count the same samples. */
  #piece(): Uint8Array {
    const missing = this.#buffer.start - this.#next;
    if (missing <= 0) return this.#buffer.from(this.#next, MAX_JOINED_SAMPLES) as Uint8Array;
    const silent = Math.min(missing, MAX_JOINED_SAMPLES);
    this.#lostSamples += silent;
    return new Uint8Array(silent * 2);
  }
}
