/** Hypotheses in a row that must agree on a word before it counts as stable. */
export const STABLE_AFTER = 3;

/** Tells which beginning of a growing hypothesis has stopped changing. */
export class StableText {
  #recent: string[] = [];

  /**
   * Takes the next hypothesis.
   * @returns how many of its first characters, in whole words, stood in the last {@link STABLE_AFTER} hypotheses
   */
  accept(text: string): number {
    this.#recent = [...this.#recent.slice(1 - STABLE_AFTER), text];
    if (this.#recent.length < STABLE_AFTER) return 0;
    const [first = [], ...others] = this.#recent.map((hypothesis) => hypothesis.split(' '));
    const agreed = first.findIndex((word, i) => others.some((words) => words[i] !== word));
    return (agreed < 0 ? first : first.slice(0, agreed)).join(' ').length;
  }
}
