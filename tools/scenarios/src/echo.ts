import type { HeardPiece } from '@parley/chaos/caller';

/** How a microphone hears the speaker beside it. */
export interface EchoPath {
  /** 1 is as loud as it is played. */
  level: number;
  delayMs: number;
}

/**
 * What the microphone picks up of the speaker while it takes a frame.
 * @param pieces what the speaker has played and has still to play, by time
 * @param fromMs when the frame begins, by the speaker's clock
 */
export function echoOf(
  pieces: readonly HeardPiece[],
  { level, delayMs }: EchoPath,
  frame: { fromMs: number; samples: number; sampleRateHz: number },
): Int16Array {
  const echo = new Int16Array(frame.samples);
  const beginsMs = frame.fromMs - delayMs;
  for (let index = pieces.length - 1; index >= 0; index--) {
    const piece = pieces[index] as HeardPiece;
    const offset = Math.round(((piece.fromMs - beginsMs) * frame.sampleRateHz) / 1000);
    if (offset + piece.pcm.length <= 0) break;
    for (let at = Math.max(0, -offset); at < piece.pcm.length && at + offset < frame.samples; at++) {
      echo[at + offset] = Math.round((piece.pcm[at] as number) * level);
    }
  }
  return echo;
}

/** Two sounds at once, cut off where they are too loud for 16 bits. */
export function mixed(one: Int16Array, other: Int16Array): Int16Array {
  return one.map((sample, at) => Math.max(-32_768, Math.min(32_767, sample + (other[at] ?? 0))));
}
