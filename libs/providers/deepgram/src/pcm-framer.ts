/** Joins PCM to frames of one length, which a provider takes rather than what callers write. */
export class PcmFramer {
  private readonly frame: Int16Array;
  private filled = 0;

  /** @param send takes a frame, or what is left of one: 16-bit little-endian, its own copy, never empty */
  constructor(
    frameSamples: number,
    private readonly send: (bytes: Uint8Array) => void,
  ) {
    this.frame = new Int16Array(frameSamples);
  }

  /** Samples that wait for a frame to be full. */
  get waitingSamples(): number {
    return this.filled;
  }

  /** Takes any number of samples, and sends every frame that is full with them. */
  push(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length;) {
      const part = pcm.subarray(at, at + this.frame.length - this.filled);
      this.frame.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === this.frame.length) this.flush();
    }
  }

  /** Sends what waits, if anything does. */
  flush(): void {
    if (this.filled === 0) return;
    const samples = this.frame.slice(0, this.filled);
    this.filled = 0;
    this.send(new Uint8Array(samples.buffer));
  }
}
