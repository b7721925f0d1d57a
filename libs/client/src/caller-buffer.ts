const BYTES_PER_SAMPLE = 2;

/**
 * The caller's voice of the last while, by its place in the session: what may have to be sent again, and what is said
 * while there is no connection. Bounded: the oldest goes first.
 */
export class CallerBuffer {
  readonly #chunks: Uint8Array[] = [];
  #start = 0;
  #end = 0;

  /** @param maxSamples most that is kept; the newest frame is kept whatever its length */
  constructor(private readonly maxSamples: number) {}

  /** First sample that is kept. */
  get start(): number {
    return this.#start;
  }

  /** One past the last sample: how many there have been. */
  get end(): number {
    return this.#end;
  }

  /** Adds a frame, which is not copied. @param pcm whole 16-bit samples */
  push(pcm: Uint8Array): void {
    this.#chunks.push(pcm);
    this.#end += pcm.byteLength / BYTES_PER_SAMPLE;
    while (this.#end - this.#start > this.maxSamples && this.#chunks.length > 1) {
      this.#start += (this.#chunks.shift() as Uint8Array).byteLength / BYTES_PER_SAMPLE;
    }
  }

  /** Begins anew at a place beyond what was added: somebody counts more than was put in here. */
  skipTo(sample: number): void {
    this.#chunks.length = 0;
    this.#start = this.#end = sample;
  }

  /**
   * What is kept from a sample on: frames as they were added, joined up to `maxSamples` where several are waiting.
   * @returns nothing when there is nothing from there on
   */
  from(sample: number, maxSamples: number): Uint8Array | undefined {
    if (sample < this.#start || sample >= this.#end) return undefined;
    let at = this.#start;
    const parts: Uint8Array[] = [];
    let samples = 0;
    for (const chunk of this.#chunks) {
      const end = at + chunk.byteLength / BYTES_PER_SAMPLE;
      if (end > sample) {
        const part = chunk.subarray(Math.max(0, sample - at) * BYTES_PER_SAMPLE);
        samples += part.byteLength / BYTES_PER_SAMPLE;
        if (parts.length > 0 && samples > maxSamples) break;
        parts.push(part);
      }
      at = end;
    }
    return joined(parts);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const all = new Uint8Array(parts.reduce((bytes, part) => bytes + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
