import { concatPcm } from '@parley/audio';

/**
 * The agent's voice as it would leave a speaker here: frames are played one after the other, and what was flushed
 * before it was played never was. Keeps what was played, replies back to back, without the silence between them.
 */
export class AgentVoice {
  #chunks: Int16Array[] = [];
  #recorded = 0;
  #dropped = 0;
  #endsAtMs = -Infinity;

  /**
   * @param sampleRateHz of every frame
   * @param maxSamples how much is kept; beyond it samples are dropped from the recording and counted
   */
  constructor(
    private readonly sampleRateHz: number,
    private readonly maxSamples: number,
  ) {}

  /** When everything received will have been played, on the clock of `atMs`; -Infinity before the first frame. */
  get endsAtMs(): number {
    return this.#endsAtMs;
  }

  /** Samples that did not fit the recording. */
  get droppedSamples(): number {
    return this.#dropped;
  }

  /** Takes a frame that arrived at `atMs`. */
  accept(atMs: number, pcm: Int16Array): void {
    this.#endsAtMs = Math.max(this.#endsAtMs, atMs) + (pcm.length * 1000) / this.sampleRateHz;
    if (this.#recorded + pcm.length > this.maxSamples) {
      this.#dropped += pcm.length;
      return;
    }
    this.#chunks.push(pcm);
    this.#recorded += pcm.length;
  }

  /** Throws away what has not been played at `atMs`. */
  flush(atMs: number): void {
    let unplayed = Math.max(0, Math.round(((this.#endsAtMs - atMs) * this.sampleRateHz) / 1000));
    this.#endsAtMs = Math.min(this.#endsAtMs, atMs);
    while (unplayed > 0) {
      const last = this.#chunks.pop();
      if (!last) break;
      const kept = last.subarray(0, Math.max(0, last.length - unplayed));
      unplayed -= last.length;
      this.#recorded -= last.length - kept.length;
      if (kept.length > 0) this.#chunks.push(kept);
    }
  }

  /** Everything that was played, PCM16 mono. */
  recording(): Int16Array {
    return concatPcm(this.#chunks);
  }
}
