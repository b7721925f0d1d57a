import type { EndOfTurnOptions } from '@parley/ports';

/**
 * Finds ends of turns as engines do that judge words: after a sentence that is over the shortest silence ends a turn,
 * after anything else the longest.
 */
export class ScriptedTurnWatch {
  private silentMs = 0;

  constructor(private readonly options: EndOfTurnOptions) {}

  /**
   * Takes the next moment of the voice.
   * @param words of the turn so far
   * @returns whether the turn is over with it
   */
  accept(isLoud: boolean, durationMs: number, words: () => string): boolean {
    this.silentMs = isLoud ? 0 : this.silentMs + durationMs;
    const { minSilenceMs, maxSilenceMs } = this.options;
    if (this.silentMs < minSilenceMs) return false;
    const text = words();
    if (!text || (this.silentMs < maxSilenceMs && !/[.?!]$/u.test(text))) return false;
    this.silentMs = 0;
    return true;
  }
}
