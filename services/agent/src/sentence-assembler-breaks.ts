import { abbreviationAt } from './sentence-assembler-abbreviations.js';

/** What a look at one place in the text says. */
export type Verdict =
  | { break: number }
  /** No break here. */
  | 'no'
  /** What follows must come first. */
  | 'wait';

const CLOSERS = /["'”’»)\]}」』）】*_~`]/;
const FULL_WIDTH_STOPS = /[。！？｡।॥؟۔]/;
const ELLIPSIS = /^(?:\.{2,}|…)/;

/** Whether a sentence ends at the stop that stands at `at`: `break` is where the next one begins. */
export function sentenceBreakAt(text: string, at: number, ended: boolean): Verdict {
  const mark = text[at] ?? '';
  if (mark === '\n') return /\S/.test(text.slice(0, at)) ? { break: at } : 'no';
  const fullWidth = FULL_WIDTH_STOPS.test(mark);
  if (!fullWidth && !/[.!?…]/.test(mark)) return 'no';
  // A run of stops is judged at its first.
  if (at > 0 && /[.!?…]/.test(text[at - 1] ?? '')) return 'no';

  let end = at + 1;
  while (/[.!?…]/.test(text[end] ?? '') || FULL_WIDTH_STOPS.test(text[end] ?? '')) end++;
  const stop = text.slice(at, end);
  const afterStop = end;
  while (CLOSERS.test(text[end] ?? '')) end++;
  const next = text[end];
  if (next === undefined) return ended ? { break: end } : 'wait';
  if (fullWidth || FULL_WIDTH_STOPS.test(stop)) return { break: end };
  if (!/\s/.test(next)) return 'no';

  const closed = end > afterStop;
  if (stop === '.' && !closed) {
    if (isListNumber(text, at)) return 'no';
    const kind = abbreviationAt(text, at);
    if (kind === 'never') return 'no';
    if (kind) return followedBy(text, end, ended, kind === 'number' ? /[^\d]/ : /[\p{Lu}"'“(]/u);
  }
  // "Well… maybe" and "'Really?' she asked" go on.
  if (closed || ELLIPSIS.test(stop)) return followedBy(text, end, ended, /[^\p{Ll}]/u);
  return { break: end };
}

/** Whether a clause ends at `at`, so that a first piece may end behind it. */
export function clauseBreakAt(text: string, at: number): Verdict {
  const mark = text[at] ?? '';
  if (/[，、；：]/.test(mark)) return { break: at + 1 };
  if (!/[,;:–—]/.test(mark) && !(mark === '-' && text[at - 1] === ' ')) return 'no';
  const next = text[at + 1];
  if (next === undefined) return 'wait';
  return /\s/.test(next) || (mark === '—' && next !== '—') ? { break: at + 1 } : 'no';
}

/** Where to cut a text that is too long: behind a clause, else before a space, else in the middle of a word. */
export function forcedBreak(text: string, maxChars: number): number {
  let space = 0;
  for (let at = maxChars; at > maxChars / 3; at--) {
    const verdict = clauseBreakAt(text, at - 1);
    if (typeof verdict === 'object') return at;
    if (space === 0 && /\s/.test(text[at] ?? '')) space = at;
  }
  if (space > 0) return space;
  const splitsPair = /[\uD800-\uDBFF]/.test(text[maxChars - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[maxChars] ?? '');
  return splitsPair ? maxChars - 1 : maxChars;
}

/** A break at `end` if the next word begins with one of `starts`. */
function followedBy(text: string, end: number, ended: boolean, starts: RegExp): Verdict {
  const next = /\S/u.exec(text.slice(end));
  if (!next) return ended ? { break: end } : 'wait';
  const newLine = text.slice(end, end + next.index).includes('\n');
  const first = String.fromCodePoint(text.codePointAt(end + next.index) ?? 0);
  return newLine || starts.test(first) ? { break: end } : 'no';
}

/** "1." at the beginning of a piece or a line is the number of a list item. */
function isListNumber(text: string, at: number): boolean {
  return /(?:^|\n)\s*[*_]{0,2}\d{1,3}$/.test(text.slice(0, at));
}
