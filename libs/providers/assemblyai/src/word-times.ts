import type { SpeechToTextEvent } from '@parley/ports';
import type { TurnWord } from './turn.js';

type WordTimes = NonNullable<Extract<SpeechToTextEvent, { type: 'final' }>['words']>;

/**
 * Times of words, within their utterance. The provider gives the first word of a turn up to a second too early, and the
 * last one somewhat too late: what lies outside, or is out of order, is moved to where it can be.
 * @param placeOf where a moment of the audio sent lies within the utterance, in ms
 */
export function wordTimesOf(words: readonly TurnWord[], placeOf: (sentMs: number) => number): WordTimes {
  let earliestMs = 0;
  return words.map((word) => {
    const startMs = Math.max(earliestMs, placeOf(word.startMs));
    earliestMs = startMs;
    return { word: word.text, startMs, endMs: Math.max(startMs + 1, placeOf(word.endMs)) };
  });
}
