/** Speech of a turn that has not ended. Positions are samples since the session began. */
export interface Utterance {
  readonly ordinal: number;
  readonly startPts: number;
  /** Where the speech ended; undefined while it goes on. */
  stopPts: number | undefined;
  /** Whether all its words have their final transcript, wait for it, or wait without having been asked for. */
  finals: 'there' | 'awaited' | 'unasked';
}

/** The utterances, oldest first, of turns that have not ended. What the log does not hold of them yet. */
export class OpenUtterances {
  private list: Utterance[] = [];

  get all(): readonly Utterance[] {
    return this.list;
  }

  /** The one that goes on. */
  get current(): Utterance | undefined {
    const last = this.list.at(-1);
    return last?.stopPts === undefined ? last : undefined;
  }

  /** Something is going on of which the log cannot know yet. */
  get isBusy(): boolean {
    return this.list.some(({ stopPts, finals }) => stopPts === undefined || finals !== 'there');
  }

  begin(ordinal: number, startPts: number): void {
    this.list.push({ ordinal, startPts, stopPts: undefined, finals: 'unasked' });
  }

  /** The one that goes on is over. */
  stop(stopPts: number): Utterance {
    const current = this.current as Utterance;
    current.stopPts = stopPts;
    return current;
  }

  /** Those that began before a position. */
  before(pts: number): readonly Utterance[] {
    return this.list.filter(({ startPts }) => startPts < pts);
  }

  /** A final was asked for that covers everything up to this utterance. */
  asked(ordinal: number): void {
    for (const each of this.list) if (each.ordinal <= ordinal && each.finals === 'unasked') each.finals = 'awaited';
  }

  /** Everything up to this utterance has its final transcript. */
  answered(ordinal: number): void {
    for (const each of this.list) if (each.ordinal <= ordinal) each.finals = 'there';
  }

  /**
   * What a final transcript is of: the utterances that have none yet, from the first that begins after the one before.
   * @param endPts where the audio that it covers ends
   * @param transcribedPts where that of the one before ended
   * @param ordinal of the last utterance that it can be of
   */
  spanOf(endPts: number, transcribedPts: number, ordinal = Infinity): Utterance | undefined {
    const without = this.before(endPts).filter((each) => each.finals !== 'there' && each.ordinal <= ordinal);
    const last = without.at(-1);
    const first = without.find(({ startPts }) => startPts >= transcribedPts) ?? last;
    return first && last && { ...last, startPts: first.startPts };
  }

  /** The newest of those that began before a position and are over, if the engine was not asked for its final. */
  unaskedBefore(pts: number): Utterance | undefined {
    return this.before(pts).findLast(({ stopPts, finals }) => stopPts !== undefined && finals === 'unasked');
  }

  /** The engine says that nothing more comes of what began before a position and is over. */
  covered(pts: number): void {
    for (const each of this.before(pts)) if (each.stopPts !== undefined) each.finals = 'there';
  }

  /** Nothing more comes of what was said so far. */
  failed(): void {
    for (const each of this.list) each.finals = 'there';
  }

  /** The turn of those that began before a position is over; speech that goes on is the next one's. */
  end(pts: number): void {
    this.list = this.list.filter(({ startPts, stopPts }) => startPts >= pts || stopPts === undefined);
  }
}
