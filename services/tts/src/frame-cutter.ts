import { copyPcmToBytes, msToSamples } from '@parley/audio';
import type { OutgoingFrame } from '@parley/bus';

/** Which voice a {@link FrameCutter} cuts. */
export interface FrameCutterOptions {
  sampleRateHz: number;
  /** Length of the frame that begins, asked when it does; at most {@link MAX_FRAME_MS}. */
  frameMs: () => number;
  reply: number;
  sentence: number;
}

/** The longest frame. */
export const MAX_FRAME_MS = 240;

/** Cuts one sentence's voice into frames; the last one is marked and may be shorter or empty. */
export class FrameCutter {
  private readonly pending: Int16Array;
  private frameSamples = 0;
  private filled = 0;
  private pts = 0;

  constructor(
    private readonly options: FrameCutterOptions,
    private readonly emit: (frame: OutgoingFrame) => void,
  ) {
    this.pending = new Int16Array(msToSamples(MAX_FRAME_MS, options.sampleRateHz));
  }

  /** Samples taken so far. */
  get samples(): number {
    return this.pts + this.filled;
  }

  /** Takes a chunk of any length. */
  push(pcm: Int16Array): void {
    const { frameMs, sampleRateHz } = this.options;
    let at = 0;
    while (at < pcm.length) {
      if (this.filled === 0) this.frameSamples = msToSamples(Math.min(frameMs(), MAX_FRAME_MS), sampleRateHz);
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
