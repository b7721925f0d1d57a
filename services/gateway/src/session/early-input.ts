import type { CallerMessage } from '@parley/contracts';

/** Most voice kept: 1 s of 16 kHz PCM. */
const MAX_AUDIO_BYTES = 32_000;
const MAX_MESSAGES = 8;

/** What a caller sent while the session was being opened, in order and bounded. */
export class EarlyInput {
  readonly #items: (Buffer | CallerMessage)[] = [];
  #audioBytes = 0;
  #messages = 0;

  /** @returns false when there is no room and the input is dropped */
  add(item: Buffer | CallerMessage): boolean {
    if (Buffer.isBuffer(item)) {
      if (this.#audioBytes + item.byteLength > MAX_AUDIO_BYTES) return false;
      this.#audioBytes += item.byteLength;
    } else if (++this.#messages > MAX_MESSAGES) return false;
    this.#items.push(item);
    return true;
  }

  /** Takes everything out. */
  drain(): (Buffer | CallerMessage)[] {
    return this.#items.splice(0);
  }
}
