import { wordsOf } from '@parley/session-log';

/** Fewer words of a notice may be anybody's. */
const LEAST_WORDS = 3;

/**
 * Tells which sentences are part of what has to be heard to its end, or have all of it in them; marks and capitals do not
 * matter.
 * @param notices as the agent's definition has them
 */
export function noticesIn(notices: readonly string[] = []): (sentence: string) => boolean {
  const known = notices.map(spaced).filter((notice) => notice.trim() !== '');
  return (sentence) => {
    const said = spaced(sentence);
    const isLong = wordsOf(sentence).length >= LEAST_WORDS;
    return known.some((notice) => said.includes(notice) || (isLong && notice.includes(said)));
  };
}

function spaced(text: string): string {
  return ` ${wordsOf(text).join(' ')} `;
}
