/** Of the voices. */
export const SAMPLES_PER_MS = 16;
const WINDOW_SAMPLES = 10 * SAMPLES_PER_MS;
/** Peak below which a window is a pause; the voices' own noise stays under 120. */
const PAUSE_PEAK = 160;
/** Kept before the voice begins, so that a soft onset is not cut. */
const LEAD_SAMPLES = 50 * SAMPLES_PER_MS;
/** Kept after the voice ends: a natural pause between sentences. */
const TRAIL_SAMPLES = 100 * SAMPLES_PER_MS;

/** Shortens the silence before and after one text, as its samples (16 kHz) stream through; pauses inside stay. */
export class SilenceTrim {
  #held: Int16Array = new Int16Array(0);
  #begun = false;
  #leftOut = 0;

  /** How many samples before the voice were left out; known when the first ones are given. */
  get leftOutSamples(): number {
    return this.#leftOut;
  }

  /** Takes the next samples; gives those that are known to stay, possibly none. */
  accept(pcm: Int16Array): Int16Array {
    const all = concat(this.#held, pcm);
    const loudUntil = endOfVoice(all);
    if (loudUntil === 0) {
      // Before the voice begins only its lead can matter.
      this.#held = this.#begun ? all : all.slice(-LEAD_SAMPLES);
      this.#leftOut += all.length - this.#held.length;
      return new Int16Array(0);
    }
    const from = this.#begun ? 0 : Math.max(0, startOfVoice(all) - LEAD_SAMPLES);
    this.#begun = true;
    this.#leftOut += from;
    this.#held = all.slice(loudUntil);
    return all.slice(from, loudUntil);
  }

  /** Gives what is left when nothing follows: the short pause after the voice. */
  finish(): Int16Array {
    return this.#begun ? this.#held.slice(0, TRAIL_SAMPLES) : new Int16Array(0);
  }
}

function startOfVoice(pcm: Int16Array): number {
  for (let at = 0; at < pcm.length; at += WINDOW_SAMPLES) if (isLoud(pcm, at)) return at;
  return pcm.length;
}

function endOfVoice(pcm: Int16Array): number {
  for (let at = Math.ceil(pcm.length / WINDOW_SAMPLES) * WINDOW_SAMPLES; at > 0; at -= WINDOW_SAMPLES) {
    if (isLoud(pcm, at - WINDOW_SAMPLES)) return Math.min(at, pcm.length);
  }
  return 0;
}

function isLoud(pcm: Int16Array, at: number): boolean {
  return pcm.subarray(at, at + WINDOW_SAMPLES).some((sample) => Math.abs(sample) >= PAUSE_PEAK);
}

function concat(a: Int16Array, b: Int16Array): Int16Array {
  const both = new Int16Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
