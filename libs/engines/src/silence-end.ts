import { samplesToMs } from '@parley/audio';
import { maybeSpeech } from './speech-gate.js';

/** Finds the end of a turn by silence, for a stream that was to be told by its engine, which cannot. */
export class SilenceEnd {
  private hasSpoken = false;
  private silenceMs = 0;

  constructor(
    private readonly sampleRateHz: number,
    private readonly afterMs: number,
  ) {}

  /** Takes the next audio. @returns whether the turn is over with it */
  push(pcm: Int16Array): boolean {
    if (maybeSpeech(pcm)) {
      this.hasSpoken = true;
      this.silenceMs = 0;
      return false;
    }
    this.silenceMs += samplesToMs(pcm.length, this.sampleRateHz);
    if (!this.hasSpoken || this.silenceMs < this.afterMs) return false;
    this.reset();
    return true;
  }

  reset(): void {
    this.hasSpoken = false;
    this.silenceMs = 0;
  }
}
