import type { CommittedTranscriptWithTimestampsMessage } from '@elevenlabs/elevenlabs-js/wrapper/realtime/connection.js';

/** Words as they come with a committed segment; their times in seconds of the connection's audio. */
export type TimedItems = CommittedTranscriptWithTimestampsMessage['words'];

/** How long the plain message waits for the one with the times, in ms. */
const GRACE_MS = 300;

/**
 * Makes one of the two messages that come for each committed segment when times are asked for: a plain one, and one with
 * words. Usually they come in this order and right after each other; the second of them is passed over.
 */
export class CommittedTwins {
  #held: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The message that the segment settled last has not had yet. */
  #owed: { timed: boolean; text: string } | undefined;

  /** @param settle takes each segment once, in order */
  constructor(
    private readonly timed: boolean,
    private readonly settle: (text: string, items: TimedItems) => void,
  ) {}

  /** Takes the message without words. */
  takePlain(text: string): void {
    if (!this.timed) return this.settle(text, null);
    if (this.#isOwed(false, text)) return;
    this.#release();
    this.#held = text;
    // A segment in which nothing was said has no words to wait for.
    if (text.trim() === '') this.#release();
    else this.#timer = setTimeout(() => this.#release(), GRACE_MS);
  }

  /** Takes the message with words. */
  takeTimed(text: string, items: TimedItems): void {
    if (!this.timed) return;
    if (this.#held !== text && this.#isOwed(true, text)) return;
    this.#owed = this.#held === undefined ? { timed: false, text } : undefined;
    this.#drop();
    this.settle(text, items);
  }

  /** Forgets what it holds. */
  close(): void {
    this.#drop();
  }

  #isOwed(timed: boolean, text: string): boolean {
    if (this.#owed?.timed !== timed || this.#owed.text !== text) return false;
    this.#owed = undefined;
    return true;
  }

  #release(): void {
    const text = this.#held;
    if (text === undefined) return;
    this.#drop();
    this.#owed = { timed: true, text };
    this.settle(text, null);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#held = undefined;
  }
}
