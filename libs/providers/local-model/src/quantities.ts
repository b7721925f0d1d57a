const UNITS: Record<string, number> = {
  a: 1,
  an: 1,
  another: 1,
  some: 1,
  one: 1,
  won: 1,
  two: 2,
  couple: 2,
  pair: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  dozen: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
};
const TENS: Record<string, number> = { twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60, hundred: 100 };
/** Numbers that are often written as another word of the same sound. */
const SOUND_ALIKE: Record<string, number> = { to: 2, too: 2, for: 4, fore: 4 };
/** What may stand between a number and its item. */
const BETWEEN = new Set(
  (
    'of the more extra order orders cup cups bowl bowls bag bags can cans bottle bottles piece pieces hot iced cold large ' +
    'small medium big fresh nice um uh er those these'
  ).split(' '),
);

/** The quantity said in `words` right before `end`; undefined when none is. */
export function quantityBefore(words: readonly string[], end: number, heardPlural: boolean): number | undefined {
  const alike = SOUND_ALIKE[words[end - 1] ?? ''];
  if (alike !== undefined && heardPlural) return alike;
  for (let at = end - 1; at >= Math.max(0, end - 4); at--) {
    const number = numberEndingAt(words, at);
    if (number !== undefined) return number;
    if (!BETWEEN.has(words[at] ?? '')) return undefined;
  }
  return undefined;
}

/** The quantity said right after an item: "times two", "x 2", "two of them"; undefined when none is. */
export function quantityAfter(words: readonly string[], start: number): number | undefined {
  const [first = '', second = '', third = ''] = words.slice(start, start + 3);
  const joined = /^x(\d{1,3})$/.exec(first);
  if (joined) return Number(joined[1]);
  if (first === 'times' || first === 'x') return numberOf(second);
  if (second === 'of' && /^(them|those|these)$/.test(third)) return numberOf(first);
  return undefined;
}

/** The first number anywhere in `words`, "a" and "some" left aside. */
export function anyQuantity(words: readonly string[]): number | undefined {
  for (const [at, word] of words.entries()) {
    if (/^(a|an|some)$/.test(word) && !/^(couple|pair|dozen)$/.test(words[at + 1] ?? '')) continue;
    const number = numberOf(word);
    if (number !== undefined && !/^(a|an)$/.test(word)) return number;
  }
  return undefined;
}

function numberEndingAt(words: readonly string[], at: number): number | undefined {
  const word = words[at] ?? '';
  const before = words[at - 1] ?? '';
  const number = numberOf(word);
  if (number === undefined) return undefined;
  if (word === 'dozen') {
    if (before === 'half' || (before === 'a' && words[at - 2] === 'half')) return 6;
    const dozens = numberOf(before);
    return dozens === undefined ? 12 : dozens * 12;
  }
  const tens = TENS[before];
  return tens !== undefined && tens < 100 && number < 10 && word !== 'a' && word !== 'an' ? tens + number : number;
}

function numberOf(word: string): number | undefined {
  if (/^\d{1,6}$/.test(word)) return Number(word);
  return UNITS[word] ?? TENS[word];
}
