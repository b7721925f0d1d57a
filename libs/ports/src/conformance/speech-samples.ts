import { expect } from '@jest/globals';
import type { SpeechToTextStream } from '../speech-to-text.js';

/** Something said, and what must be recognised of it. */
export interface SpeechSample {
  /** Mono, in the samples' rate. */
  pcm: Int16Array;
  /** Lower-case words that its final must have, and that no other sample has. */
  words: readonly string[];
}

/** What an engine is tested with. */
export interface SpeechSamples {
  sampleRateHz: number;
  language: string;
  keyTerms?: readonly string[];
  first: SpeechSample;
  second: SpeechSample;
  /** Longest wait for one utterance. @defaultValue 20 000 */
  deadlineMs?: number;
}

/** Samples of 20 ms. */
export function frame(sampleRateHz: number): number {
  return sampleRateHz / 50;
}

/** Writes voice piece by piece. */
export function writeAll(stream: SpeechToTextStream, pcm: Int16Array, samplesAtATime: number): void {
  for (let at = 0; at < pcm.length; at += samplesAtATime) stream.write(pcm.subarray(at, at + samplesAtATime));
}

/** Expects a text to have a sample's words, and none of the other's. */
export function expectWords(text: string | undefined, wanted: SpeechSample, other: SpeechSample): void {
  const words = (text ?? '').toLowerCase().match(/[a-z']+/g) ?? [];
  expect(words).toEqual(expect.arrayContaining([...wanted.words]));
  for (const word of other.words) expect(words).not.toContain(word);
}
