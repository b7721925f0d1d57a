/** Sounds of somebody who listens; they say nothing, whenever they come. */
const SOUNDS = ['mhm', 'mm', 'mmm', 'mmhmm', 'hm', 'hmm', 'uh', 'uhhuh', 'um', 'ah', 'aha', 'oh', 'huh', 'wow'];
/** Words that only agree: an answer where a question was asked, and else the same as a nod. */
const NODS = ['yes', 'yeah', 'yep', 'yup', 'ok', 'okay', 'right', 'sure', 'good', 'great', 'fine', 'alright', 'ja', 'si', 'oui']; // prettier-ignore

const sounds: ReadonlySet<string> = new Set(SOUNDS);
const nods: ReadonlySet<string> = new Set([...SOUNDS, ...NODS]);

/** Callers repeat a few words of what they choose; so many in a row are the agent's own voice. */
const ECHO_WORDS = 5;

/** Most words that still are no more than a nod. */
const MOST_WORDS = 3;

/** The words of a text, in lower case and without marks. */
export function wordsOf(text: string): string[] {
  const parts = text.toLowerCase().split(/\s+/);
  return parts.map((part) => part.replace(/[^\p{L}\p{N}']/gu, '')).filter((word) => word !== '');
}

/**
 * Whether somebody only shows to be listening ("mhm", "yeah"). Pure.
 * @param isAsked a question has just been asked, so that a word of agreement is an answer
 */
export function isBackchannel(text: string, isAsked: boolean): boolean {
  const words = wordsOf(text);
  const known = isAsked ? sounds : nods;
  return words.length > 0 && words.length <= MOST_WORDS && words.every((word) => known.has(word));
}

/**
 * Whether what was heard of the caller is the agent's own voice, come back through the caller's microphone: several
 * words, all of which stand in this order in what the agent says. Pure.
 */
export function isEcho(text: string, said: string): boolean {
  const heard = wordsOf(text);
  return heard.length >= ECHO_WORDS && ` ${wordsOf(said).join(' ')} `.includes(` ${heard.join(' ')} `);
}
