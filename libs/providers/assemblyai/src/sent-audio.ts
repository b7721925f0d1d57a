/** Audio of one message; the provider takes 50 to 1000 ms. */
const FRAME_MS = 50;
/** Nothing is said any more of what lies so many flushes back. */
const MAX_PADDINGS = 64;

/**
 * What was written, cut into the frames that the provider takes, and where it lies in what was sent: the rest that a flush
 * pads with silence makes more of it.
 */
export class SentAudio {
  private frame: Int16Array<ArrayBuffer>;
  private filled = 0;
  private writtenSamples = 0;
  private sentSamples = 0;
  /** Silence that was put in, in samples of what was sent; oldest first. */
  private padding: { at: number; samples: number }[] = [];
  /** Of it what is not listed any more. */
  private oldPadding = 0;

  constructor(private readonly sampleRateHz: number) {
    this.frame = this.emptyFrame();
  }

  /** Takes samples. @returns the frames that are full now */
  write(pcm: Int16Array): Int16Array<ArrayBuffer>[] {
    const full: Int16Array<ArrayBuffer>[] = [];
    this.writtenSamples += pcm.length;
    for (let at = 0; at < pcm.length;) {
      const part = pcm.subarray(at, at + this.frame.length - this.filled);
      this.frame.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === this.frame.length) full.push(this.takeFrame());
    }
    return full;
  }

  /** The rest, padded with silence; undefined when there is none. */
  takeRest(): Int16Array<ArrayBuffer> | undefined {
    if (this.filled === 0) return undefined;
    const samples = this.frame.length - this.filled;
    this.padding.push({ at: this.sentSamples + this.filled, samples });
    if (this.padding.length > MAX_PADDINGS) this.oldPadding += this.padding.shift()?.samples ?? 0;
    return this.takeFrame();
  }

  /** What was written and not sent, in ms. */
  get restMs(): number {
    return this.msOf(this.filled);
  }

  get writtenMs(): number {
    return this.msOf(this.writtenSamples);
  }

  get sentMs(): number {
    return this.msOf(this.sentSamples);
  }

  /** Where a moment of what was sent lies in what was written, both in ms. */
  writtenMsAt(sentMs: number): number {
    const sent = (sentMs * this.sampleRateHz) / 1000;
    const padded = this.padding.reduce(
      (sum, { at, samples }) => sum + Math.min(samples, Math.max(0, sent - at)),
      this.oldPadding,
    );
    return Math.min(this.writtenMs, Math.max(0, this.msOf(sent - padded)));
  }

  private takeFrame(): Int16Array<ArrayBuffer> {
    const { frame } = this;
    this.sentSamples += frame.length;
    this.frame = this.emptyFrame();
    this.filled = 0;
    return frame;
  }

  private emptyFrame(): Int16Array<ArrayBuffer> {
    return new Int16Array((this.sampleRateHz * FRAME_MS) / 1000);
  }

  private msOf(samples: number): number {
    return (samples * 1000) / this.sampleRateHz;
  }
}
