import type { SpeechChunk } from '@parley/ports';
import type { TimedPiece } from './alignment.js';

type Word = NonNullable<SpeechChunk['words']>[number];

/** Puts words together from the pieces of a text, as they come. */
export class SpokenWords {
  #open: Word | undefined;
  #whole: Word[] = [];
  #lastEndMs = 0;
  #letters = '';

  /**
   * Takes further pieces of the text.
   * @param offsetMs where the time begins that theirs are of
   */
  take(pieces: readonly TimedPiece[], offsetMs: number): void {
    for (const { text, startMs, endMs } of pieces) {
      this.#letters += lettersOf(text);
      for (const part of text.split(/(\s+)/)) {
        if (part === '') continue;
        if (part.trim() === '') this.#finish();
        else if (this.#open) Object.assign(this.#open, { word: this.#open.word + part, endMs: endMs + offsetMs });
        else this.#open = { word: part, startMs: startMs + offsetMs, endMs: endMs + offsetMs };
      }
    }
  }

  /** Gives out the words that are over in so much voice, each once. */
  until(voiceMs: number): Word[] {
    const rest = this.#whole.findIndex(({ endMs }) => endMs > voiceMs);
    return this.#whole.splice(0, rest < 0 ? this.#whole.length : rest);
  }

  /** Gives out all that is left when the voice is over. */
  end(voiceMs: number): Word[] {
    this.#finish();
    return this.#whole.splice(0).map(({ word, startMs, endMs }) => {
      const end = Math.min(endMs, voiceMs);
      return { word, startMs: Math.min(startMs, Math.max(0, end - 1)), endMs: end };
    });
  }

  /** Whether letters at the end of a text have had no time, while all before them have. */
  isShortOf(text: string): boolean {
    const wanted = lettersOf(text);
    return this.#letters !== '' && this.#letters.length < wanted.length && wanted.startsWith(this.#letters);
  }

  #finish(): void {
    const word = this.#open;
    this.#open = undefined;
    if (!word) return;
    // Rounding, and pieces that have no length, must not put words into each other.
    word.startMs = Math.max(word.startMs, this.#lastEndMs);
    word.endMs = Math.max(word.endMs, word.startMs + 1);
    this.#lastEndMs = word.endMs;
    this.#whole.push(word);
  }
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}
