import { leadingSpeakerMark, type WordTime } from '@parley/contracts';

/** A word of the text that is not found this near was not meant: the engine has said something else in its place. */
const LOOK_AHEAD_CHARACTERS = 40;

/**
 * How many characters of a spoken text these words, its first ones, take: up to the end of the last one that is found
 * there, with the punctuation behind it; the whole text when nothing that can be said follows. Pure.
 */
export function spokenUpTo(spoken: string, words: readonly WordTime[]): number {
  const text = plain(spoken);
  let at = 0;
  for (const { word } of words) {
    const wanted = plain(word).trim();
    const found = wanted === '' ? -1 : text.slice(at, at + LOOK_AHEAD_CHARACTERS + wanted.length).indexOf(wanted);
    if (found >= 0) at += found + wanted.length;
  }
  if (at === 0) return 0;
  const behind = /^[^\s\p{L}\p{N}]*(?=\s|$)/u.exec(spoken.slice(at));
  at += behind?.[0].length ?? 0;
  return /[\p{L}\p{N}]/u.test(spoken.slice(at)) ? at : spoken.length;
}

/**
 * What stands in a written text for the first characters of what is spoken of it, cut between words. Pure. The words of
 * both are taken for each other where they are equally many, and otherwise the same share of the characters. The mark
 * of who speaks counts for nothing in this.
 */
export function writtenUpTo(written: string, spoken: string, characters: number): string {
  if (characters >= spoken.length) return written;
  const mark = leadingSpeakerMark(written);
  const ends = wordEnds(written.slice(mark.length));
  const spokenEnds = wordEnds(spoken);
  const heard = spokenEnds.filter((end) => end <= characters).length;
  const last = ends.length === spokenEnds.length ? heard : shareOf(ends, characters / spoken.length);
  const end = heard === 0 ? undefined : ends[last - 1];
  return end === undefined ? '' : written.slice(0, mark.length + end);
}

/** Without case, accents and curled apostrophes, which engines drop; each character in its place. */
function plain(text: string): string {
  return text.replace(/[^ -@[-~]/gu, (character) => {
    const bare = character.replace(/[‘’]/u, "'").normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    return bare.length === character.length ? bare : character;
  });
}

function shareOf(ends: readonly number[], share: number): number {
  const characters = (ends.at(-1) ?? 0) * share;
  return ends.filter((end) => end <= characters).length;
}

function wordEnds(text: string): number[] {
  return [...text.matchAll(/\S+/gu)].map(({ index, 0: word }) => index + word.length);
}
