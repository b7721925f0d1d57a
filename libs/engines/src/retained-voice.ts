/** What a stream that takes over must be given: voice, and where finals were asked for, in order. */
export type RetainedPiece = Int16Array | 'flush';

/**
 * Voice that no final covers yet, with the flushes in it. Bounded: when a provider gives no final for so long, the oldest
 * goes.
 */
export class RetainedVoice {
  private pieces: RetainedPiece[] = [];
  private samples = 0;

  constructor(private readonly maxSamples: number) {}

  /** Voice and flushes, oldest first. */
  get all(): readonly RetainedPiece[] {
    return this.pieces;
  }

  /** Flushes without an answer. */
  get flushes(): number {
    return this.pieces.filter((piece) => piece === 'flush').length;
  }

  /** Samples kept. */
  get length(): number {
    return this.samples;
  }

  /** Keeps a copy. @returns how many samples had to go for it */
  add(pcm: Int16Array): number {
    this.pieces.push(pcm.slice());
    this.samples += pcm.length;
    let dropped = 0;
    for (let at = 0; this.samples > this.maxSamples && at < this.pieces.length;) {
      const piece = this.pieces[at] as RetainedPiece;
      if (piece === 'flush') {
        at++;
        continue;
      }
      this.pieces.splice(at, 1);
      this.samples -= piece.length;
      dropped += piece.length;
    }
    return dropped;
  }

  addFlush(): void {
    this.pieces.push('flush');
  }

  /** The oldest flush was answered: what was before it has had its final. */
  answered(): void {
    const at = this.pieces.indexOf('flush');
    this.forget(at + 1);
  }

  /** What is before the oldest flush has had its final; the flush itself is not answered yet. */
  coveredToFlush(): void {
    this.forget(this.pieces.indexOf('flush'));
  }

  /** A final came by itself, for all but the newest samples. */
  coveredBut(newestSamples: number): void {
    let keep = 0;
    let at = this.pieces.length;
    while (at > 0) {
      const piece = this.pieces[at - 1] as RetainedPiece;
      if (piece === 'flush') break;
      if (keep + piece.length > newestSamples) break;
      keep += piece.length;
      at--;
    }
    this.forget(at);
  }

  /** Nothing was said in all of it: only the newest samples may matter. To be called when no flush waits. */
  keepNewest(samples: number): void {
    while (this.pieces.length > 1 && this.samples - (this.pieces[0] as Int16Array).length >= samples) this.forget(1);
  }

  /** What is being recognised was dropped; flushes are answered all the same. */
  reset(): void {
    this.pieces = this.pieces.filter((piece) => piece === 'flush');
    this.samples = 0;
  }

  private forget(count: number): void {
    for (const piece of this.pieces.splice(0, count)) if (piece !== 'flush') this.samples -= piece.length;
  }
}
