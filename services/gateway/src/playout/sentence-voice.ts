/** Bytes of one sample of `pcm_s16le`. */
export const BYTES_PER_SAMPLE = 2;

interface Segment {
  pts: number;
  /** One past the last sample. */
  end: number;
  pcm: Uint8Array;
}

/**
 * The voice of one sentence that has arrived and not yet been handed out. Whatever comes in which order and how
 * often, each sample is handed out at most once, by rising `pts`. PCM is `pcm_s16le`, mono, kept as views.
 */
export class SentenceVoice {
  /** Sorted by `pts`, disjoint, none before `position`. */
  readonly #segments: Segment[] = [];
  #position: number;
  #lengthSamples: number | undefined;
  #bufferedSamples = 0;

  /** @param startPts what is before it has been handed out elsewhere */
  constructor(startPts = 0) {
    this.#position = startPts;
  }

  /** The next sample to be handed out. */
  get position(): number {
    return this.#position;
  }

  /** Samples that wait here. */
  get bufferedSamples(): number {
    return this.#bufferedSamples;
  }

  /** How long the sentence is; known when its end has arrived. */
  get lengthSamples(): number | undefined {
    return this.#lengthSamples;
  }

  /** Nothing of the sentence is left to hand out. */
  get complete(): boolean {
    return this.#lengthSamples !== undefined && this.#position >= this.#lengthSamples;
  }

  /** Something of the sentence is known to have existed that is not here, right where it should go on. */
  get atHole(): boolean {
    const next = this.#segments[0]?.pts ?? this.#lengthSamples;
    return next !== undefined && next > this.#position;
  }

  /**
   * Keeps what is new of these samples.
   * @returns how many were new
   */
  insert(pts: number, pcm: Uint8Array): number {
    const end = Math.min(pts + pcm.byteLength / BYTES_PER_SAMPLE, this.#lengthSamples ?? Infinity);
    let from = Math.max(pts, this.#position);
    const before = this.#bufferedSamples;
    // Walks the segments that overlap and fills what lies between them; usually there is nothing to walk.
    let index = this.#segments.length;
    while (index > 0 && this.#segments[index - 1]!.end > from) index--;
    for (; from < end; index++) {
      const next = this.#segments[index];
      const until = Math.min(end, next?.pts ?? Infinity);
      if (from < until) {
        const view = pcm.subarray((from - pts) * BYTES_PER_SAMPLE, (until - pts) * BYTES_PER_SAMPLE);
        this.#segments.splice(index++, 0, { pts: from, end: until, pcm: view });
        this.#bufferedSamples += until - from;
      }
      if (!next) break;
      from = Math.max(from, next.end);
    }
    return this.#bufferedSamples - before;
  }

  /** Says that the sentence ends at `endPts`; it never ends before what was already heard or kept of it. */
  finish(endPts: number): void {
    this.#lengthSamples ??= Math.max(endPts, this.#position, this.#segments.at(-1)?.end ?? 0);
  }

  /**
   * Hands out the next samples.
   * @param wholeOnly gives nothing rather than less than asked for, unless the sentence ends or a hole follows
   * @returns undefined when there is nothing to hand out
   */
  take(maxSamples: number, wholeOnly: boolean): { pts: number; pcm: Uint8Array } | undefined {
    const pts = this.#position;
    let until = pts;
    for (const segment of this.#segments) {
      if (segment.pts !== until || until - pts >= maxSamples) break;
      until = segment.end;
    }
    const samples = Math.min(until - pts, maxSamples);
    if (samples === 0) return undefined;
    if (wholeOnly && samples < maxSamples && !this.#endsAt(until)) return undefined;
    this.#position += samples;
    this.#bufferedSamples -= samples;
    return { pts, pcm: this.#cut(samples) };
  }

  /**
   * Goes on after a hole.
   * @returns samples that were passed over
   */
  skipHole(): number {
    if (!this.atHole) return 0;
    const to = this.#segments[0]?.pts ?? (this.#lengthSamples as number);
    const skipped = to - this.#position;
    this.#position = to;
    return skipped;
  }

  /** Nothing can come to make a longer piece: the sentence is over there, or a later part is here already. */
  #endsAt(sample: number): boolean {
    if (this.#lengthSamples !== undefined) return true;
    return (this.#segments.at(-1)?.end ?? 0) > sample;
  }

  #cut(samples: number): Uint8Array {
    const bytes = samples * BYTES_PER_SAMPLE;
    const first = this.#segments[0] as Segment;
    if (first.pcm.byteLength >= bytes) return this.#cutFirst(bytes);
    const out = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes;) {
      const head = this.#segments[0] as Segment;
      const piece = this.#cutFirst(Math.min(bytes - at, head.pcm.byteLength));
      out.set(piece, at);
      at += piece.byteLength;
    }
    return out;
  }

  #cutFirst(bytes: number): Uint8Array {
    const first = this.#segments[0] as Segment;
    const piece = first.pcm.subarray(0, bytes);
    if (first.pcm.byteLength === bytes) this.#segments.shift();
    else {
      first.pcm = first.pcm.subarray(bytes);
      first.pts += bytes / BYTES_PER_SAMPLE;
    }
    return piece;
  }
}
