import type { EventOf, EventType, ParleyEvent } from '@parley/contracts';
import type { SpokenTurn } from '../call-record.js';

/** The events of one type in a log, in order. */
export function eventsOf<T extends EventType>(log: readonly ParleyEvent[], type: T): EventOf<T>[] {
  return log.filter((event): event is EventOf<T> => event.type === type);
}

/** A text's words without case and punctuation, so that how they were cut into sentences does not matter. */
export function wordsOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s]/gu, '')
    .split(/\s+/u)
    .filter(Boolean)
    .join(' ');
}

/** What only this turn says: the last words of it. */
export function tagOf({ words }: Pick<SpokenTurn, 'words'>): string {
  return words.split(' ').slice(-1).join(' ');
}

/** The replies that answer a turn: those whose user text has its tag. */
export function repliesTo(log: readonly ParleyEvent[], turn: Pick<SpokenTurn, 'words'>): EventOf<'reply.started'>[] {
  return eventsOf(log, 'reply.started').filter(({ userText }) => userText.includes(tagOf(turn)));
}

/**
 * What the system took a turn's words to be, which is what it has to answer: a turn that was misunderstood is one
 * finding, and its reply none.
 */
export function understoodWords(log: readonly ParleyEvent[], turn: Pick<SpokenTurn, 'words'>): string {
  return eventsOf(log, 'turn.ended').find(({ text }) => text.includes(tagOf(turn)))?.text ?? turn.words;
}
