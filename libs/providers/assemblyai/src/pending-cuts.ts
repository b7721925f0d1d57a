/** A place where a turn was made to end. */
export interface Cut {
  readonly id: number;
  /** In ms of what was written. */
  readonly writtenMs: number;
  /** In ms of what was sent. */
  readonly sentMs: number;
  /** Whether anybody waits for it; what lies before one that nobody waits for is thrown away. */
  isFlush: boolean;
  /** The provider was told; it is not for a cut behind which there was nothing to hear. */
  readonly isAsked: boolean;
  /** It is known to have got there. */
  isReceived: boolean;
}

/** What a cut waits for at most. */
export interface CutDeadlines {
  /** For anything at all, in ms. */
  answerMs: number;
  /** For words, once it has got to the provider and no words of before it are known, in ms. */
  noWordsMs: number;
  onNoWords(): void;
  onOverdue(): void;
}

/** Cuts that have not been answered, oldest first. The first has deadlines. */
export class PendingCuts {
  private list: Cut[] = [];
  private overdue: NodeJS.Timeout | undefined;
  private noWords: NodeJS.Timeout | undefined;
  private hasWords = false;
  private made = 0;

  constructor(private readonly deadlines: CutDeadlines) {}

  get first(): Cut | undefined {
    return this.list[0];
  }

  get all(): readonly Cut[] {
    return this.list;
  }

  add(cut: Omit<Cut, 'id' | 'isReceived'>): Cut {
    const added = { ...cut, id: ++this.made, isReceived: false };
    this.list.push(added);
    if (this.list.length === 1) this.startFirst();
    return added;
  }

  /** The first has been answered. */
  shift(): void {
    this.list.shift();
    this.startFirst();
  }

  received(id: number): void {
    for (const cut of this.list) if (cut.id === id) cut.isReceived = true;
    this.watchWords();
  }

  /** There are words that have had no final: the first cut is going to be answered. */
  setHasWords(hasWords: boolean): void {
    this.hasWords = hasWords;
    this.watchWords();
  }

  close(): void {
    this.list = [];
    this.startFirst();
  }

  private startFirst(): void {
    clearTimeout(this.overdue);
    clearTimeout(this.noWords);
    this.noWords = undefined;
    this.overdue = this.first && setTimeout(() => this.deadlines.onOverdue(), this.deadlines.answerMs);
    this.watchWords();
  }

  private watchWords(): void {
    if (!this.first?.isReceived || this.hasWords) {
      clearTimeout(this.noWords);
      this.noWords = undefined;
    } else {
      this.noWords ??= setTimeout(() => this.deadlines.onNoWords(), this.deadlines.noWordsMs);
    }
  }
}
