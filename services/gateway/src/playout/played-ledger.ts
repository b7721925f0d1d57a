import type { VoicePiece } from './reply-voice.js';

/** A place in a reply's voice. */
export interface VoicePosition {
  sentence: number;
  /** Samples since the sentence began. */
  pts: number;
}

interface Stretch {
  sentence: number;
  pts: number;
  samples: number;
  /** Samples of the reply handed out before this stretch. */
  from: number;
}

/** What has been handed out of a reply, so that an amount played can be told as a place in a sentence. */
export class PlayedLedger {
  /** Those that are not wholly played, and the one played last. */
  readonly #stretches: Stretch[] = [];
  #releasedSamples = 0;

  /** Samples handed out so far. */
  get releasedSamples(): number {
    return this.#releasedSamples;
  }

  /** Begins in the middle of a reply: all that is before a place has been played. @param totalSamples of the reply */
  startAt({ sentence, pts }: VoicePosition, totalSamples: number): void {
    this.#stretches.push({ sentence, pts: 0, samples: pts, from: totalSamples - pts });
    this.#releasedSamples = totalSamples;
  }

  /** Notes a piece that went to the caller. */
  add(piece: VoicePiece): void {
    const samples = piece.pcm.byteLength / 2;
    const last = this.#stretches.at(-1);
    if (last && last.sentence === piece.sentence && last.pts + last.samples === piece.pts) last.samples += samples;
    else this.#stretches.push({ sentence: piece.sentence, pts: piece.pts, samples, from: this.#releasedSamples });
    this.#releasedSamples += samples;
  }

  /** The place reached when so much has been played; takes note of nothing. */
  placeAt(playedSamples: number): VoicePosition {
    const at = this.#stretches.findLast(({ from }, index) => index === 0 || playedSamples >= from);
    if (!at) return { sentence: 0, pts: 0 };
    return { sentence: at.sentence, pts: at.pts + Math.min(playedSamples - at.from, at.samples) };
  }

  /**
   * The place reached when `playedSamples` have been played; the amount must not fall from call to call.
   * @param onPassed called with the end of each sentence that was left since the call before
   */
  advance(playedSamples: number, onPassed: (end: VoicePosition) => void): VoicePosition {
    for (;;) {
      const [now, next] = this.#stretches;
      if (!now) return { sentence: 0, pts: 0 };
      if (!next || playedSamples < next.from) {
        return { sentence: now.sentence, pts: now.pts + Math.min(playedSamples - now.from, now.samples) };
      }
      this.#stretches.shift();
      if (next.sentence !== now.sentence) onPassed({ sentence: now.sentence, pts: now.pts + now.samples });
    }
  }
}
