import { AudioError } from './audio-error.js';
import { msToSamples, samplesToMs } from './pcm-duration.js';

/** How much a {@link JitterBuffer} holds. */
export interface JitterBufferOptions {
  sampleRateHz: number;
  /**
   * What must be there before playing begins, and again after running dry.
   * @defaultValue 60
   */
  targetMs?: number;
  /**
   * More than this is dropped, oldest first.
   * @defaultValue 500
   */
  maxMs?: number;
}

/** What a {@link JitterBuffer} has done so far. */
export interface JitterBufferCounts {
  /** Times it ran dry in the middle of playing. */
  underruns: number;
  /** Frames dropped because `maxMs` was reached. */
  overflowFrames: number;
  /** Frames that came after their place had been played. */
  lateFrames: number;
  duplicateFrames: number;
  /** Frames that had not come when their turn was there, as far as later ones showed that they were missing. */
  missingFrames: number;
  /** Samples of pushed audio that were pulled. */
  playedSamples: number;
  /** Samples of silence that were pulled, those before playing began included. */
  silentSamples: number;
}

/** What became of a pushed frame. */
export type JitterBufferVerdict = 'queued' | 'late' | 'duplicate' | 'overflow';

interface Frame {
  seq: number;
  pcm: Int16Array;
}

/**
 * Orders mono frames by their number and evens out their arrival. It has no clock: pulls are its time, so whoever pulls
 * at the pace of playing gets audio, or silence where there is none.
 *
 * A missing frame whose successors are there is played as silence as long as the frame before it, up to `targetMs` for
 * one gap; a longer gap is cut short.
 */
export class JitterBuffer {
  /** By `seq`, without duplicates. */
  private readonly frames: Frame[] = [];
  private readonly targetSamples: number;
  private readonly maxSamples: number;
  private readonly sampleRateHz: number;
  private playing = false;
  private ended = false;
  private nextSeq: number | undefined;
  private current: Int16Array = new Int16Array(0);
  private gapSamples = 0;
  private frameSamples = 0;
  private heldSamples = 0;
  private readonly counted: JitterBufferCounts = {
    underruns: 0,
    overflowFrames: 0,
    lateFrames: 0,
    duplicateFrames: 0,
    missingFrames: 0,
    playedSamples: 0,
    silentSamples: 0,
  };

  /** @throws {AudioError} `invalid_setting` unless 0 <= `targetMs` < `maxMs` */
  constructor(options: JitterBufferOptions) {
    const { sampleRateHz, targetMs = 60, maxMs = 500 } = options;
    if (!(sampleRateHz > 0) || !(targetMs >= 0) || !(maxMs > targetMs)) {
      throw new AudioError('invalid_setting', `a jitter buffer of ${targetMs} to ${maxMs} ms at ${sampleRateHz} Hz`);
    }
    this.sampleRateHz = sampleRateHz;
    this.targetSamples = msToSamples(targetMs, sampleRateHz);
    this.maxSamples = msToSamples(maxMs, sampleRateHz);
  }

  /** Audio that waits to be pulled, `maxMs` at most. */
  get bufferedMs(): number {
    return samplesToMs(this.heldSamples, this.sampleRateHz);
  }

  /** A copy of the counts so far. */
  get counts(): JitterBufferCounts {
    return { ...this.counted };
  }

  /**
   * Takes a frame of any length. It is kept, not copied.
   * @param seq counts up by one per frame; gaps are frames on their way or lost
   */
  push(seq: number, pcm: Int16Array): JitterBufferVerdict {
    if (this.nextSeq !== undefined && seq < this.nextSeq) {
      this.counted.lateFrames++;
      return 'late';
    }
    let at = this.frames.length;
    while (at > 0 && this.frames[at - 1]!.seq > seq) at--;
    if (at > 0 && this.frames[at - 1]!.seq === seq) {
      this.counted.duplicateFrames++;
      return 'duplicate';
    }
    this.ended = false;
    this.frames.splice(at, 0, { seq, pcm });
    this.heldSamples += pcm.length;
    return this.dropOverflow(seq) ? 'overflow' : 'queued';
  }

  /** Says that no frame follows: what is there is played without waiting for more, and running dry is no underrun. */
  end(): void {
    this.ended = true;
  }

  /** The next `samples` samples: audio, and silence for what is not there. */
  pull(samples: number): Int16Array {
    const out = new Int16Array(samples);
    let at = 0;
    while (at < samples && this.advance()) {
      const part = Math.min(samples - at, this.gapSamples > 0 ? this.gapSamples : this.current.length);
      if (this.gapSamples > 0) this.gapSamples -= part;
      else this.play(part, out, at);
      at += part;
    }
    this.counted.silentSamples += samples;
    return out;
  }

  /** Forgets all audio and the numbering; the counts stay. */
  reset(): void {
    this.frames.length = 0;
    this.current = new Int16Array(0);
    this.heldSamples = 0;
    this.gapSamples = 0;
    this.nextSeq = undefined;
    this.playing = false;
    this.ended = false;
  }

  private play(part: number, out: Int16Array, at: number): void {
    out.set(this.current.subarray(0, part), at);
    this.current = this.current.subarray(part);
    this.heldSamples -= part;
    this.counted.playedSamples += part;
    this.counted.silentSamples -= part;
  }

  /** Makes sure that there is something to play, audio or a gap; false when there is nothing. */
  private advance(): boolean {
    if (!this.playing) {
      if (this.heldSamples === 0 || (this.heldSamples < this.targetSamples && !this.ended)) return false;
      this.playing = true;
    }
    while (this.gapSamples === 0 && this.current.length === 0) {
      const first = this.frames[0];
      if (first === undefined) {
        this.playing = false;
        if (!this.ended) this.counted.underruns++;
        return false;
      }
      const missing = this.nextSeq === undefined ? 0 : first.seq - this.nextSeq;
      if (missing > 0) {
        this.counted.missingFrames += missing;
        this.nextSeq = first.seq;
        this.gapSamples = Math.min(missing * this.frameSamples, this.targetSamples);
      } else {
        this.frames.shift();
        this.current = first.pcm;
        this.frameSamples = first.pcm.length;
        this.nextSeq = first.seq + 1;
      }
    }
    return true;
  }

  /** Drops from the front until the rest fits; tells whether the frame `seq` was among it. */
  private dropOverflow(seq: number): boolean {
    // the number of frames is bounded too, because frames may be empty
    while (this.heldSamples > this.maxSamples || this.frames.length > this.maxSamples) {
      this.counted.overflowFrames++;
      if (this.current.length > 0) {
        this.heldSamples -= this.current.length;
        this.current = new Int16Array(0);
        continue;
      }
      const dropped = this.frames.shift()!;
      this.heldSamples -= dropped.pcm.length;
      this.nextSeq = dropped.seq + 1;
      this.gapSamples = 0;
      if (dropped.seq === seq) return true;
    }
    return false;
  }
}
