import type { VoiceActivity, VoiceActivityDetector } from '@parley/ports';

/** Takes a window of 20 ms at 16 kHz for speech when a sample of it is loud: of 1000 or more. */
export class LoudnessDetector implements VoiceActivityDetector {
  readonly windowSamples = 320;
  closed = 0;

  accept(window: Int16Array, onJudged: (probability: number) => void): void {
    onJudged(window.some((sample) => sample >= 1000) ? 1 : 0);
  }

  close(): void {
    this.closed++;
  }
}

/** The same, but it judges when the test says so. */
export class LateLoudnessDetector extends LoudnessDetector {
  private readonly waiting: (() => void)[] = [];

  /** Windows that wait to be judged. */
  get waitingWindows(): number {
    return this.waiting.length;
  }

  override accept(window: Int16Array, onJudged: (probability: number) => void): void {
    this.waiting.push(() => super.accept(window, onJudged));
  }

  /** Judges so many of the windows that wait. */
  judge(windows = Infinity): void {
    for (let left = windows; left > 0 && this.waiting.length > 0; left--) this.waiting.shift()!();
  }

  override close(): void {
    super.close();
    this.waiting.length = 0;
  }
}

/** A source of {@link LoudnessDetector}s. */
export const loudnessActivity: VoiceActivity = {
  name: 'loudness',
  sampleRatesHz: [16_000],
  warm: () => Promise.resolve(),
  open: () => new LoudnessDetector(),
};
