import { AudioError } from './audio-error.js';
import { msToSamples } from './pcm-duration.js';

/** How much a {@link PreRoll} keeps. */
export interface PreRollOptions {
  sampleRateHz: number;
  /**
   * Audio to hand out from before the beginning of speech.
   * @defaultValue 300
   */
  preRollMs?: number;
  /**
   * How long after its beginning speech is noticed, which is kept as well.
   * @defaultValue 120
   */
  detectionMs?: number;
  /**
   * Position of the first sample: samples since the session began.
   * @defaultValue 0
   */
  startAtSamples?: number;
}

/**
 * The last moments of a session's audio, so that a recogniser that starts when speech is noticed gets its beginning and
 * a little before it. A ring of fixed size: `preRollMs` and `detectionMs` together.
 */
export class PreRoll {
  private readonly ring: Int16Array;
  private readonly preRollSamples: number;
  private readonly startAtSamples: number;
  private position: number;

  /** @throws {AudioError} `invalid_setting` when it would keep nothing */
  constructor(options: PreRollOptions) {
    const { sampleRateHz, preRollMs = 300, detectionMs = 120, startAtSamples = 0 } = options;
    this.preRollSamples = msToSamples(preRollMs, sampleRateHz);
    const capacitySamples = this.preRollSamples + msToSamples(detectionMs, sampleRateHz);
    if (!(this.preRollSamples >= 0) || !(capacitySamples > 0)) {
      throw new AudioError('invalid_setting', `a pre-roll of ${preRollMs} ms and ${detectionMs} ms`);
    }
    this.ring = new Int16Array(capacitySamples);
    this.startAtSamples = startAtSamples;
    this.position = startAtSamples;
  }

  /** How far the audio is: samples since the session began. */
  get positionSamples(): number {
    return this.position;
  }

  /** Takes the next audio, of any length; it is copied. */
  push(pcm: Int16Array): void {
    const kept = pcm.length > this.ring.length ? pcm.subarray(pcm.length - this.ring.length) : pcm;
    this.position += pcm.length - kept.length;
    const at = this.position % this.ring.length;
    const toEnd = Math.min(kept.length, this.ring.length - at);
    this.ring.set(kept.subarray(0, toEnd), at);
    this.ring.set(kept.subarray(toEnd), 0);
    this.position += kept.length;
  }

  /**
   * The audio from `preRollMs` before `atSamples` to now, as a copy; later than that where the ring or the session does
   * not reach back so far. It stays in the ring.
   * @param atSamples where speech began: samples since the session began
   * @returns the audio and the position of its first sample
   */
  from(atSamples: number): { pcm: Int16Array; atSamples: number } {
    const oldest = Math.max(this.startAtSamples, this.position - this.ring.length);
    const first = Math.min(this.position, Math.max(oldest, atSamples - this.preRollSamples));
    const pcm = new Int16Array(this.position - first);
    const at = first % this.ring.length;
    const toEnd = Math.min(pcm.length, this.ring.length - at);
    pcm.set(this.ring.subarray(at, at + toEnd), 0);
    pcm.set(this.ring.subarray(0, pcm.length - toEnd), toEnd);
    return { pcm, atSamples: first };
  }
}
