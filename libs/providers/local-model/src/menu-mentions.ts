import { isPlainWord, likeness, sound, soundOf, spelt, wordsOf } from './hearing.js';
import { quantityAfter, quantityBefore } from './quantities.js';

/** Something on the menu, as a tool or the system prompt told it. */
export interface MenuEntry {
  item: string;
  priceDollars: number;
}

/** A menu item heard in an utterance. */
export interface Mention extends MenuEntry {
  /** 1 when none was said. */
  quantity: number;
  quantitySaid: boolean;
  /** First word, and the one after the last. */
  start: number;
  end: number;
}

interface Candidate {
  entry: MenuEntry;
  score: number;
  start: number;
  end: number;
}

/** How alike the sounds must be: for a whole name, and for one word of a longer name. */
const WHOLE_NAME = 0.75;
const ONE_WORD = 0.8;

/** Finds the menu items named in an utterance, tolerating what speech recognition makes of them. */
export function findMentions(words: readonly string[], menu: readonly MenuEntry[]): Mention[] {
  const candidates = [...wholeNames(words, menu), ...singleWords(words, menu)];
  candidates.sort((a, b) => b.score - a.score || b.end - b.start - (a.end - a.start) || a.start - b.start);
  const taken: Candidate[] = [];
  for (const candidate of candidates)
    if (taken.every((other) => candidate.end <= other.start || candidate.start >= other.end)) taken.push(candidate);
  return taken.sort((a, b) => a.start - b.start).map((candidate) => mentionOf(candidate, words));
}

function* wholeNames(words: readonly string[], menu: readonly MenuEntry[]): Iterable<Candidate> {
  for (const entry of menu) {
    const name = wordsOf(entry.item);
    const wanted = soundOf(name);
    const letters = name.join('');
    for (let start = 0; start < words.length; start++) {
      for (let end = start + 1; end <= Math.min(words.length, start + Math.max(name.length + 1, 3)); end++) {
        const heard = words.slice(start, end);
        if (letters.length <= 4 && spelt(heard).replace(/s$/, '') === letters) {
          yield { entry, score: 1, start, end };
        } else if (wanted.length > 3 || heard.length === 1) {
          if (isPlainWord(heard[0] ?? '') || isPlainWord(heard[heard.length - 1] ?? '')) continue;
          const score = likeness(soundOf(heard), wanted);
          if (score >= (wanted.length > 3 ? WHOLE_NAME : 1) || score === 1) yield { entry, score, start, end };
        }
      }
    }
  }
}

/** "a turkey", "two wraps": one word that stands in the name of one item only. */
function* singleWords(words: readonly string[], menu: readonly MenuEntry[]): Iterable<Candidate> {
  for (const [start, word] of words.entries()) {
    if (isPlainWord(word) || word.length < 3) continue;
    const owners = menu.filter(({ item }) =>
      wordsOf(item).some((part) => part.length > 3 && likeness(sound(part), sound(word)) >= ONE_WORD),
    );
    const [entry] = owners;
    if (entry && owners.length === 1) yield { entry, score: 0.5, start, end: start + 1 };
  }
}

function mentionOf({ entry, start, end }: Candidate, words: readonly string[]): Mention {
  const heardPlural = /s$/.test(words[end - 1] ?? '') && !/s$/.test(entry.item);
  const said = quantityBefore(words, start, heardPlural) ?? quantityAfter(words, end);
  return { ...entry, quantity: said ?? 1, quantitySaid: said !== undefined, start, end };
}
