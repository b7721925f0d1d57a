import { rmsDbfs } from '@parley/audio';

/** What is below this is silence on any line. */
const SILENCE_DBFS = -70;
/** How much louder than the background a window must be to be worth judging. */
const MARGIN_DB = 3;
/** A window that may be speech keeps those after it worth judging, however quiet they are: about a quarter of a second. */
const ATTENTIVE_WINDOWS = 8;
/** From this probability on a window may be speech; below it, it tells how loud the background is. */
const PERHAPS_SPEECH = 0.1;
/** How quickly the background is learned, as a share of the difference for each window. */
const LEARN_LOUDER = 0.1;
const LEARN_QUIETER = 0.3;

/**
 * Says which windows are worth judging: not those that are as quiet as the background while nobody speaks, and no silence.
 * It is made to let quiet speech through rather than to save the most: it begins with a silent background, and learns from
 * nothing but windows that were not taken for speech.
 */
export class EnergyGate {
  private backgroundDbfs = SILENCE_DBFS;
  private attentiveWindows = 0;
  private levelDbfs = SILENCE_DBFS;

  /** Whether the next window is worth judging; {@link learn} must follow. */
  isWorthJudging(window: Int16Array): boolean {
    const levelDbfs = rmsDbfs(window);
    this.levelDbfs = Math.max(levelDbfs, SILENCE_DBFS);
    if (levelDbfs < SILENCE_DBFS) return false;
    return this.attentiveWindows > 0 || levelDbfs > this.backgroundDbfs + MARGIN_DB;
  }

  /** Takes the probability of that window: 0 if it was not worth judging. */
  learn(probability: number): void {
    if (probability >= PERHAPS_SPEECH) {
      this.attentiveWindows = ATTENTIVE_WINDOWS;
      return;
    }
    if (this.attentiveWindows > 0) this.attentiveWindows--;
    const difference = this.levelDbfs - this.backgroundDbfs;
    this.backgroundDbfs += difference * (difference < 0 ? LEARN_QUIETER : LEARN_LOUDER);
  }
}
