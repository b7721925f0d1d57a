import { AudioError } from './audio-error.js';
import { msToSamples } from './pcm-duration.js';

/** When speech counts as begun and as over. */
export interface SpeechSegmenterOptions {
  sampleRateHz: number;
  /**
   * Speech of at least this long begins an utterance; shorter is a click or a cough.
   * @defaultValue 120
   */
  minSpeechMs?: number;
  /**
   * Silence of at least this long ends an utterance.
   * @defaultValue 200
   */
  minSilenceMs?: number;
  /**
   * A window of at least this probability is speech.
   * @defaultValue 0.6
   */
  startThreshold?: number;
  /**
   * Once a window was speech, the following ones are down to this probability.
   * @defaultValue 0.4
   */
  stopThreshold?: number;
  /**
   * Position of the first window: samples since the session began.
   * @defaultValue 0
   */
  startAtSamples?: number;
}

/** The beginning or the end of an utterance. Positions are samples since the session began. */
export interface SpeechBoundary {
  type: 'speech_started' | 'speech_stopped';
  /** Where the first speech window began, or where the last one ended. */
  atSamples: number;
  /** How far the audio was when this became certain. */
  detectedAtSamples: number;
}

/**
 * Makes utterances of the windows' probabilities. Pure: it has no clock but the windows, and it holds a few numbers
 * however long the session is. Starts and stops alternate, and their positions never go back.
 */
export class SpeechSegmenter {
  private readonly minSpeechSamples: number;
  private readonly minSilenceSamples: number;
  private readonly startThreshold: number;
  private readonly stopThreshold: number;
  private position: number;
  private inSpeechWindow = false;
  private inUtterance = false;
  private candidateSamples = 0;
  private candidateAtSamples = 0;
  private lastSpeechAtSamples = 0;

  /** @throws {AudioError} `invalid_setting` unless 0 < `stopThreshold` <= `startThreshold` <= 1 and no time is negative */
  constructor(options: SpeechSegmenterOptions) {
    const { sampleRateHz, minSpeechMs = 120, minSilenceMs = 200, startThreshold = 0.6, stopThreshold = 0.4 } = options;
    if (!(sampleRateHz > 0) || !(minSpeechMs >= 0) || !(minSilenceMs >= 0)) {
      throw new AudioError('invalid_setting', `speech of ${minSpeechMs} ms, silence of ${minSilenceMs} ms`);
    }
    if (!(stopThreshold > 0 && stopThreshold <= startThreshold && startThreshold <= 1)) {
      throw new AudioError('invalid_setting', `thresholds ${startThreshold} and ${stopThreshold}`);
    }
    this.minSpeechSamples = msToSamples(minSpeechMs, sampleRateHz);
    this.minSilenceSamples = msToSamples(minSilenceMs, sampleRateHz);
    this.startThreshold = startThreshold;
    this.stopThreshold = stopThreshold;
    this.position = options.startAtSamples ?? 0;
  }

  /** How far the audio is: samples since the session began. */
  get positionSamples(): number {
    return this.position;
  }

  /** Whether an utterance has begun and not ended. */
  get speaking(): boolean {
    return this.inUtterance;
  }

  /** Whether there is sound that becomes an utterance if it lasts. */
  get undecided(): boolean {
    return !this.inUtterance && this.candidateSamples > 0;
  }

  /**
   * Takes the next window. Audio that was lost is a window of probability 0 and of its length.
   * @param probability of speech, 0 to 1
   * @param windowSamples length of the window, which may differ from the one before
   * @returns what became certain with this window
   */
  accept(probability: number, windowSamples: number): SpeechBoundary | undefined {
    const windowAtSamples = this.position;
    this.position += windowSamples;
    this.inSpeechWindow = probability >= (this.inSpeechWindow ? this.stopThreshold : this.startThreshold);
    if (this.inSpeechWindow) this.lastSpeechAtSamples = this.position;
    return this.inUtterance ? this.stopped() : this.started(windowAtSamples, windowSamples);
  }

  /** Ends the utterance that has begun, if one has, because no audio follows. */
  end(): SpeechBoundary | undefined {
    this.candidateSamples = 0;
    this.inSpeechWindow = false;
    return this.inUtterance ? this.stop() : undefined;
  }

  /** Windows without speech count against those with it, so that a short gap within a word does not start over. */
  private started(windowAtSamples: number, windowSamples: number): SpeechBoundary | undefined {
    if (!this.inSpeechWindow) {
      this.candidateSamples = Math.max(0, this.candidateSamples - windowSamples);
      return undefined;
    }
    if (this.candidateSamples === 0) this.candidateAtSamples = windowAtSamples;
    this.candidateSamples += windowSamples;
    if (this.candidateSamples < this.minSpeechSamples) return undefined;
    this.candidateSamples = 0;
    this.inUtterance = true;
    return { type: 'speech_started', atSamples: this.candidateAtSamples, detectedAtSamples: this.position };
  }

  private stopped(): SpeechBoundary | undefined {
    const silentSamples = this.position - this.lastSpeechAtSamples;
    return !this.inSpeechWindow && silentSamples >= this.minSilenceSamples ? this.stop() : undefined;
  }

  private stop(): SpeechBoundary {
    this.inUtterance = false;
    return { type: 'speech_stopped', atSamples: this.lastSpeechAtSamples, detectedAtSamples: this.position };
  }
}
