import { PreRoll, msToSamples, rmsDbfs } from '@parley/audio';

/** Louder than this may be speech. */
const SPEECH_DBFS = -45;
/** Passed on behind what was loud. */
const HANGOVER_MS = 600;

/** Whether a piece of audio is loud enough to be speech. */
export function maybeSpeech(pcm: Int16Array): boolean {
  return rmsDbfs(pcm) > SPEECH_DBFS;
}

/**
 * Lets an engine that wants speech alone live in a chain whose first engine wants to hear everything: silence is kept
 * from it, but for some before and after what is loud. Coarser than the stage's voice activity detector, which such a chain
 * goes without.
 */
export class SpeechGate {
  private readonly preRoll: PreRoll;
  private readonly hangoverSamples: number;
  private passSamples = 0;
  /** Samples that were kept back so far. */
  skipped = 0;

  constructor(sampleRateHz: number) {
    this.preRoll = new PreRoll({ sampleRateHz, detectionMs: 0 });
    this.hangoverSamples = msToSamples(HANGOVER_MS, sampleRateHz);
  }

  /** Takes the next audio. @returns what is to be passed on: nothing, it, or it with a little that came before */
  push(pcm: Int16Array): Int16Array | undefined {
    const wasPassing = this.passSamples > 0;
    if (maybeSpeech(pcm)) this.passSamples = this.hangoverSamples + pcm.length;
    if (this.passSamples <= 0) {
      this.preRoll.push(pcm);
      this.skipped += pcm.length;
      return undefined;
    }
    this.passSamples -= pcm.length;
    if (wasPassing) {
      this.preRoll.push(pcm);
      return pcm;
    }
    const { pcm: before } = this.preRoll.from(this.preRoll.positionSamples);
    this.preRoll.push(pcm);
    const kept = Math.min(before.length, this.skipped);
    this.skipped -= kept;
    const whole = new Int16Array(kept + pcm.length);
    whole.set(before.subarray(before.length - kept));
    whole.set(pcm, kept);
    return whole;
  }
}
