import type { Recognition } from './decoder-protocol.js';
import type { EngineError } from '@parley/ports';

/** Sample rate of the acoustic model. */
export const SAMPLE_RATE_HZ = 16_000;
/** Audio given to a decoder at a time; each piece may bring one interim result. */
export const PIECE_SAMPLES = SAMPLE_RATE_HZ / 10;

/** Who wants to know what becomes of an utterance. */
export interface UtteranceListener {
  /** Everything recognised so far, after each piece. */
  onText(text: string): void;
  /** The decoder is done with it. Nothing follows. */
  onRecognition(recognition: Recognition): void;
  /** It will not be recognised. Nothing follows. */
  onFailure(error: EngineError): void;
  /** It holds a decoder and nothing has been written for too long. */
  onIdle(): void;
}

/** Where an utterance stands: behind another of its stream, in line for a decoder, on a decoder, or over. */
export type UtteranceState = 'behind' | 'waiting' | 'leased' | 'over';

/** One utterance's audio on its way to a decoder. */
export class Utterance {
  state: UtteranceState = 'behind';
  /** Nothing more will be written. */
  ended = false;
  /** `flush()` calls that its end answers. */
  flushes = 0;
  /** Samples written so far. */
  writtenSamples = 0;
  /** Samples that no decoder has been given yet. */
  bufferedSamples = 0;
  /** Samples that a decoder has been given and not yet worked through. */
  decodingSamples = 0;
  #pieces: Int16Array[] = [];
  #partial = new Int16Array(PIECE_SAMPLES);
  #partialSamples = 0;

  constructor(
    readonly terms: readonly string[],
    /** What the decoder learned of this caller before; asked for when a decoder begins. */
    readonly mean: () => Float32Array | undefined,
    readonly listener: UtteranceListener,
  ) {}

  /** Takes a copy of the audio. */
  append(pcm: Int16Array): void {
    this.writtenSamples += pcm.length;
    this.bufferedSamples += pcm.length;
    for (let at = 0; at < pcm.length;) {
      const taken = pcm.subarray(at, at + PIECE_SAMPLES - this.#partialSamples);
      this.#partial.set(taken, this.#partialSamples);
      this.#partialSamples += taken.length;
      at += taken.length;
      if (this.#partialSamples === PIECE_SAMPLES) {
        this.#pieces.push(this.#partial);
        this.#partial = new Int16Array(PIECE_SAMPLES);
        this.#partialSamples = 0;
      }
    }
  }

  /** Gives the next piece: a whole one, or what is left once the utterance has ended. */
  take(): Int16Array | undefined {
    let piece = this.#pieces.shift();
    if (!piece && this.ended && this.#partialSamples > 0) {
      piece = this.#partial.slice(0, this.#partialSamples);
      this.#partialSamples = 0;
    }
    if (piece) this.bufferedSamples -= piece.length;
    return piece;
  }

  /** Lets go of audio that is not wanted any more. */
  discard(): void {
    this.#pieces = [];
    this.#partialSamples = 0;
    this.bufferedSamples = 0;
  }
}
