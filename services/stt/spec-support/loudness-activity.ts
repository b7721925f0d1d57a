import type { VoiceActivity, VoiceActivityDetector } from '@parley/ports';

/** Takes a window of 20 ms at 16 kHz for speech when a sample of it is loud: of 1000 or more. */
export class LoudnessDetector implements VoiceActivityDetector {
  readonly windowSamples = 320;
  closed = 0;

  accept(window: Int16Array): number {
    return window.some((sample) => sample >= 1000) ? 1 : 0;
  }

  reset(): void {}

  close(): void {
    this.closed++;
  }
}

/** A source of {@link LoudnessDetector}s. */
export const loudnessActivity: VoiceActivity = {
  name: 'loudness',
  sampleRatesHz: [16_000],
  warm: () => Promise.resolve(),
  open: () => new LoudnessDetector(),
};
