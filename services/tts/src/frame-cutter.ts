import { copyPcmToBytes, msToSamples } from '@parley/audio';
import type { OutgoingFrame } from '@parley/bus';

/** Which voice a {@link FrameCutter} cuts. */
export interface FrameCutterOptions {
  sampleRateHz: number;
  frameMs: number;
  reply: number;
  sentence: number;
}

/** Cuts one sentence's voice into frames of equal length; the last one is marked and may be shorter or empty. */
export class FrameCutter {
  private readonly frameSamples: number;
  private pending: Int16Array;
  private filled = 0;
  private pts = 0;

  constructor(
    private readonly options: FrameCutterOptions,
    private readonly emit: (frame: OutgoingFrame) => void,
  ) {
    this.frameSamples = msToSamples(options.frameMs, options.sampleRateHz);
    this.pending = new Int16Array(this.frameSamples);
  }

  /** Samples taken so far. */
  get samples(): number {
    return this.pts + this.filled;
  }

  /** Takes a chunk of any length. */
  push(pcm: Int16Array): void {
    let at = 0;
    while (at < pcm.length) {
      const count = Math.min(this.frameSamples - this.filled, pcm.length - at);
      this.pending.set(pcm.subarray(at, at + count), this.filled);
      this.filled += count;
      at += count;
      if (this.filled === this.frameSamples) this.send(false);
    }
  }

  /** Sends what is left, marked as the sentence's last. */
  end(): void {
    this.send(true);
  }

  private send(lastOfSentence: boolean): void {
    const { sampleRateHz, reply, sentence } = this.options;
    const pcm = this.pending.subarray(0, this.filled);
    this.emit({
      codec: 'pcm_s16le',
      sampleRateHz,
      reply,
      sentence,
      pts: this.pts,
      lastOfSentence,
      lastOfReply: false,
      payload: copyPcmToBytes(pcm),
    });
    this.pts += this.filled;
    this.filled = 0;
  }
}
