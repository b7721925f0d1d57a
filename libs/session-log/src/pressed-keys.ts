import type { EventOf } from '@parley/contracts';

/** Keys of a telephone that were pressed at one go and that no reply answers yet. */
export interface PressedKeys {
  /** Of the event. */
  id: string;
  digits: string;
  /** In ms since 1970. */
  atMs: number;
}

/** How long further keys are waited for, unless the last one is `#`. */
const LAST_KEY_MS = 2000;
/** More than anybody presses for one turn; of an agent that takes no keys the last are kept. */
const MAX_PRESSED = 128;

/** The keys with those of an event. Pure. */
export function withKeys(keys: readonly PressedKeys[], { id, digits, at }: EventOf<'session.dtmf'>): PressedKeys[] {
  return [...keys, { id, digits, atMs: at }].slice(-MAX_PRESSED);
}

/**
 * What of the keys is a turn: up to the last `#`, or all when none has followed for a while. Pure.
 * @returns the turn as the user's words, one piece for each event, and when the rest is one at the latest
 */
export function turnsOfKeys(keys: readonly PressedKeys[], nowMs: number) {
  const newest = keys.at(-1);
  if (!newest) return { turns: [], dueMs: undefined };
  const dueMs = newest.atMs + LAST_KEY_MS;
  const count = nowMs >= dueMs ? keys.length : keys.findLastIndex(({ digits }) => digits.endsWith('#')) + 1;
  const turns = keys.slice(0, count).map(({ id, digits }, index) => {
    const spaced = [...digits].join(' ');
    return { id, text: index === 0 ? `pressed ${spaced}` : spaced, isSpoken: false, waits: false };
  });
  return { turns, dueMs: count < keys.length ? dueMs : undefined };
}
