/** Collects samples into pieces of one length. */
export class AudioBatch {
  private readonly piece: Int16Array;
  private filled = 0;

  /** @param emit takes a piece; it is used again after the call */
  constructor(
    pieceSamples: number,
    private readonly emit: (piece: Int16Array) => void,
  ) {
    this.piece = new Int16Array(pieceSamples);
  }

  /** Samples that wait for the rest of their piece. */
  get waitingSamples(): number {
    return this.filled;
  }

  /** Takes samples; the array is the caller's again afterwards. */
  push(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length;) {
      const part = pcm.subarray(at, at + this.piece.length - this.filled);
      this.piece.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === this.piece.length) this.flush();
    }
  }

  /** Gives out what waits, shorter than a piece; nothing when nothing waits. */
  flush(): void {
    if (this.filled === 0) return;
    const part = this.piece.subarray(0, this.filled);
    this.filled = 0;
    this.emit(part);
  }
}
