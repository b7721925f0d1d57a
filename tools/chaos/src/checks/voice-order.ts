import type { HeardPiece } from '../speaker.js';
import { broken, type CallFinding } from './finding.js';

const RATE_HZ = 16_000;

/** In what order a call heard its replies. */
export interface VoiceOrder {
  /** Each once. */
  findings: CallFinding[];
  /** Voice that was heard a second time, short of half a sentence. */
  repeatedMs: number;
  heardMs: number;
  /** Samples heard from a sentence's beginning on, by `reply/sentence`. */
  heard: Map<string, number>;
}

/**
 * Sentences are heard in order, without a hole, and none anew once more than half of it was heard.
 * @param lengthOf a sentence's length in samples, where it is known; otherwise what was heard of it
 */
export function checkVoiceOrder(
  pieces: readonly HeardPiece[],
  lengthOf: (key: string) => number | undefined = () => undefined,
): VoiceOrder {
  const findings = new Map<string, CallFinding>();
  const say = (finding: CallFinding) => findings.set(finding.invariant + finding.message, finding);
  const heard = new Map<string, number>();
  let repeated = 0;
  let total = 0;
  let last: HeardPiece | undefined;
  for (const piece of pieces) {
    const key = `${piece.reply}/${piece.sentence}`;
    const from = heard.get(key) ?? 0;
    const length = lengthOf(key) ?? from;
    total += piece.pcm.length;
    if (last && (piece.reply < last.reply || (piece.reply === last.reply && piece.sentence < last.sentence))) {
      say(broken('voice_out_of_order', `reply ${piece.reply} sentence ${piece.sentence} was heard behind reply ${last.reply} sentence ${last.sentence}`)); // prettier-ignore
    }
    if (piece.pts > from) {
      say(broken('voice_missing', `reply ${piece.reply} sentence ${piece.sentence}: ${ms(piece.pts - from)} ms from ${ms(from)} ms on were not heard`)); // prettier-ignore
    }
    if (piece.pts < from) {
      const again = Math.min(from, piece.pts + piece.pcm.length) - piece.pts;
      repeated += again;
      if (piece.pts === 0 && from > length / 2) {
        say(broken('sentence_heard_twice', `reply ${piece.reply} sentence ${piece.sentence} began anew after ${ms(from)} ms of ${ms(length)} ms were heard`)); // prettier-ignore
      }
    }
    heard.set(key, Math.max(from, piece.pts + piece.pcm.length));
    last = piece;
  }
  return { findings: [...findings.values()], repeatedMs: ms(repeated), heardMs: ms(total), heard };
}

function ms(samples: number): number {
  return Math.round((samples / RATE_HZ) * 1000);
}
