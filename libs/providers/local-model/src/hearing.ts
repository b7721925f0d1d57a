/** Words that never stand for a menu item on their own, however alike they sound. */
const PLAIN_WORDS = new Set(
  (
    'a an the and or of to too for with on in at is are am be it its that thats this these those i id ill im me my we you your ' +
    'have has had get got give take want would will could can may do does dont like love need please thanks thank yes yeah no not ' +
    'some any more another also just one two three four five six seven eight nine ten dozen couple what whats which how much many ' +
    'order add all there here so same again hello hi hey okay ok sure um uh er well then now from not sandwich sandwiches shop ' +
    'confirm menu total price cost drink drinks food something anything everything'
  ).split(' '),
);

/** What letters are heard as. */
const LETTERS: Record<string, string> = {
  be: 'b',
  bee: 'b',
  ell: 'l',
  el: 'l',
  elle: 'l',
  tea: 't',
  tee: 't',
  ti: 't',
  ts: 't',
  teas: 't',
  tees: 't',
};

/** The words of an utterance: lower case, without punctuation and apostrophes. */
export function wordsOf(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replace(/['’.]/g, '')
    .replace(/[^\p{L}\p{N}$]+/gu, ' ')
    .trim();
  return plain === '' ? [] : plain.split(' ');
}

/** Whether a word carries meaning of its own in an order. */
export function isPlainWord(word: string): boolean {
  return PLAIN_WORDS.has(word) || /^\d+$/.test(word);
}

/** A word as it sounds, roughly: spellings that are said alike come out the same. */
export function sound(word: string): string {
  const folded = word
    .replace(/wr/g, 'r')
    .replace(/ph/g, 'f')
    .replace(/gh/g, '')
    .replace(/[cs]h/g, 'x')
    .replace(/ck|q/g, 'k')
    .replace(/c(?=[eiy])/g, 's')
    .replace(/c/g, 'k')
    .replace(/z/g, 's')
    .replace(/e[ea]/g, 'i')
    .replace(/(ie|ey|y)(s?)$/, 'i$2')
    .replace(/(.)\1/g, '$1');
  return folded.length > 3 ? folded.replace(/s$/, '') : folded;
}

/** Words run together as they sound. */
export function soundOf(words: readonly string[]): string {
  return words.map(sound).join('').replace(/(.)\1/g, '$1');
}

/** Words read as spelt letters: "b l t" and "bee el tea" are "blt". */
export function spelt(words: readonly string[]): string {
  return words.map((word) => LETTERS[word] ?? word).join('');
}

/** How alike two sounds are, 0 to 1. */
export function likeness(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 1 : 1 - distance(a, b) / longest;
}

/** How many letters must change to make one word of the other. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      line.push(Math.min(change, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above[b.length] ?? 0;
}
