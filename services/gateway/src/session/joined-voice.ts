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
/** What a frame on the bus holds at least, and of a caller who is quiet at most. */
const JOINED_BYTES = { least: 40 * BYTES_PER_MS, most: 240 * BYTES_PER_MS };
/** Sound after quiet leaves as it comes for so long: whether it is speech is waited for. */
const ONSET_BYTES = 200 * BYTES_PER_MS;
/** A silence is decided upon later by at most this share of it. */
const QUIET_SHARE = 10;

/**
 * Joins a caller's short frames, because each costs the system the same whatever is in it: into 40 ms, and into a tenth of
 * the time for which the caller has been quiet, up to 240 ms. Sound after quiet leaves at once, with what was held, and
 * so do the next 200 ms of it.
 */
export class JoinedVoice {
  readonly #held = Buffer.alloc(JOINED_BYTES.most);
  #heldBytes = 0;
  #heldPts = 0;
  /** How long the caller has been quiet until now, or not. */
  #quietBytes = 0;
  #soundBytes = 0;
  /** Nothing has come since it was asked last. */
  #stands = false;

  /** @returns what is to be sent now; a view that is valid until the next call */
  add(pts: number, pcm: Uint8Array): VoiceStretch | undefined {
    this.#stands = false;
    const isSound = isLoud(pcm);
    this.#quietBytes = isSound ? 0 : this.#quietBytes + pcm.byteLength;
    this.#soundBytes = isSound ? this.#soundBytes + pcm.byteLength : 0;
    const isOnset = isSound && this.#soundBytes <= ONSET_BYTES;
    const most = Math.min(JOINED_BYTES.most, Math.max(JOINED_BYTES.least, this.#quietBytes / QUIET_SHARE));
    const waits = !isOnset && this.#heldBytes + pcm.byteLength < most;
    if (this.#heldBytes === 0) {
      if (!waits) return { pts, pcm };
      this.#heldPts = pts;
    }
    if (waits) {
      this.#held.set(pcm, this.#heldBytes);
      this.#heldBytes += pcm.byteLength;
      return undefined;
    }
    return this.#takeHeld(pcm);
  }

  /** @returns what is held back, if no more of it has come since this was asked before */
  overdue(): VoiceStretch | undefined {
    const stands = this.#stands;
    this.#stands = true;
    return stands ? this.flush() : undefined;
  }

  /** @returns what is held back, if anything */
  flush(): VoiceStretch | undefined {
    return this.#heldBytes === 0 ? undefined : this.#takeHeld();
  }

  #takeHeld(...last: Uint8Array[]): VoiceStretch {
    const pcm = Buffer.concat([this.#held.subarray(0, this.#heldBytes), ...last]);
    this.#heldBytes = 0;
    return { pts: this.#heldPts, pcm };
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
