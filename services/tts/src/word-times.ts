import type { Payload, WordTime } from '@parley/contracts';

/** So much voice must be made before words are told for the first time, and twice as much before each next. */
const FIRST_MS = 1000;

/**
 * Words of one sentence on their way to the log: a few events, however long it is, and the first of them soon enough
 * for who interrupts early.
 */
export class WordTimes {
  private waiting: WordTime[] = [];
  private toldWords = 0;
  private madeMs = 0;
  private nextMs = FIRST_MS;

  constructor(
    private readonly sentence: Pick<Payload<'synthesis.words'>, 'reply' | 'sentence'>,
    private readonly tell: (words: Payload<'synthesis.words'>) => void,
  ) {}

  /** Takes the words that begin in a piece of voice, and the length of that piece. */
  push(words: readonly WordTime[], voiceMs: number): void {
    this.waiting.push(...words);
    this.madeMs += voiceMs;
    if (this.madeMs < this.nextMs) return;
    while (this.madeMs >= this.nextMs) this.nextMs *= 2;
    this.end();
  }

  /** Tells what is left: no more is made of the sentence, for whatever reason. */
  end(): void {
    if (this.waiting.length === 0) return;
    this.tell({ ...this.sentence, first: this.toldWords, words: this.waiting });
    this.toldWords += this.waiting.length;
    this.waiting = [];
  }
}
