import type { SpeechSegmenterOptions } from '@parley/audio';

/** Judges speech in one session's audio. Stateful; fed in order. */
export interface VoiceActivityDetector {
  /** How many samples `accept` takes at a time. */
  readonly windowSamples: number;
  /** How its probabilities are best cut into utterances; where it says nothing, as the segmenter does by itself. */
  readonly cut?: Pick<SpeechSegmenterOptions, 'minSpeechMs' | 'startThreshold' | 'stopThreshold'>;
  /**
   * Takes one window of exactly `windowSamples` samples, which must stay as it is until it has been judged.
   * @param onJudged told once, with the probability of speech, 0 to 1: before this returns or later, but in the order of
   * the windows, and on behalf of whoever opened the detector. Not told once the detector is closed.
   */
  accept(window: Int16Array, onJudged: (probability: number) => void): void;
  close(): void;
}

/** A source of detectors, one per session. */
export interface VoiceActivity {
  readonly name: string;
  readonly sampleRatesHz: readonly number[];
  warm(): Promise<void>;
  /** @throws an error with a `code` before {@link warm} has finished, and for a rate that it does not take */
  open(options: { sampleRateHz: number }): VoiceActivityDetector;
}
