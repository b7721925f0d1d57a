import { CALLER_SAMPLE_RATE_HZ } from './caller-audio.js';

/** A stretch of a caller's voice. */
export interface VoiceStretch {
  /** Samples since the session began. */
  pts: number;
  pcm: Uint8Array;
}

const BYTES_PER_MS = (CALLER_SAMPLE_RATE_HZ / 1000) * 2;
/** Mean square of -60 dBFS: below any voice, and above what is left of a quiet room. */
const LOUD_POWER = (32_768 * 10 ** (-60 / 20)) ** 2;
/** Every so many samples are looked at: enough to tell sound from quiet. */
const STRIDE_SAMPLES = 4;
/** Whoever has been quiet for so long has ended a sentence, and what follows is waited for by nobody. */
const QUIET_AFTER_BYTES = 600 * BYTES_PER_MS;
/** Most that is held back. */
const HELD_BYTES = 100 * BYTES_PER_MS;

/**
 * Joins the frames of a caller who is quiet, so that they cost as one: of one who has been quiet for 600 ms up to
 * 100 ms are held back, until there is sound. Sound leaves at once, with what was held.
 */
export class QuietVoice {
  readonly #held = Buffer.alloc(HELD_BYTES);
  #heldBytes = 0;
  #heldPts = 0;
  #quietBytes = 0;

  /** @returns what is to be sent now; a view that is valid until the next call */
  add(pts: number, pcm: Uint8Array): VoiceStretch | undefined {
    this.#quietBytes = isLoud(pcm) ? 0 : this.#quietBytes + pcm.byteLength;
    const waits = this.#quietBytes > QUIET_AFTER_BYTES && this.#heldBytes + pcm.byteLength < HELD_BYTES;
    if (this.#heldBytes === 0) {
      if (!waits) return { pts, pcm };
      this.#heldPts = pts;
    }
    if (waits) {
      this.#held.set(pcm, this.#heldBytes);
      this.#heldBytes += pcm.byteLength;
      return undefined;
    }
    const stretch = { pts: this.#heldPts, pcm: Buffer.concat([this.#held.subarray(0, this.#heldBytes), pcm]) };
    this.#heldBytes = 0;
    return stretch;
  }

  /** @returns what is held back, if anything */
  flush(): VoiceStretch | undefined {
    if (this.#heldBytes === 0) return undefined;
    const stretch = { pts: this.#heldPts, pcm: Buffer.from(this.#held.subarray(0, this.#heldBytes)) };
    this.#heldBytes = 0;
    return stretch;
  }
}

function isLoud(pcm: Uint8Array): boolean {
  let sum = 0;
  let count = 0;
  for (let at = 0; at + 1 < pcm.byteLength; at += 2 * STRIDE_SAMPLES) {
    // Little-endian, and not always where an Int16Array could begin.
    const sample = (((pcm[at + 1] as number) << 24) >> 16) | (pcm[at] as number);
    sum += sample * sample;
    count++;
  }
  return sum > LOUD_POWER * count;
}
