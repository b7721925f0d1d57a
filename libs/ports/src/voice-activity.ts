/** Judges speech in one session's audio. Stateful; fed in order. */
export interface VoiceActivityDetector {
  /** How many samples `accept` takes at a time. */
  readonly windowSamples: number;
  /**
   * Judges one window of exactly `windowSamples` samples.
   * @returns probability of speech, 0 to 1
   */
  accept(window: Int16Array): number;
  /** Forgets the audio so far. */
  reset(): void;
  close(): void;
}

/** A source of detectors, one per session. */
export interface VoiceActivity {
  readonly name: string;
  readonly sampleRatesHz: readonly number[];
  warm(): Promise<void>;
  open(options: { sampleRateHz: number }): VoiceActivityDetector;
}
