/** Ids kept; older ones are forgotten, as their caller has long had the answer. */
const MAX_IDS = 1000;

/** The texts of a session that have an id, so that one sent again is stored once. */
export class StoredTexts {
  readonly #texts = new Map<string, Promise<void>>();

  /** The session's log has it. */
  note(messageId: string | undefined): void {
    if (messageId !== undefined) void this.#keep(messageId, Promise.resolve());
  }

  /** Stores a text unless it is stored, or being stored, already; resolves or rejects with whichever store counts. */
  async once(messageId: string | undefined, store: () => Promise<void>): Promise<void> {
    if (messageId === undefined) return store();
    const storing = this.#texts.get(messageId) ?? this.#keep(messageId, store());
    try {
      await storing;
    } catch (error) {
      if (this.#texts.get(messageId) === storing) this.#texts.delete(messageId);
      throw error;
    }
  }

  #keep(messageId: string, stored: Promise<void>): Promise<void> {
    this.#texts.set(messageId, stored);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > MAX_IDS && oldest !== undefined) this.#texts.delete(oldest);
    return stored;
  }
}
