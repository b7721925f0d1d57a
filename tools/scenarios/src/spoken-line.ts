/** A part of what is said: words, or a time in which nothing is said. */
export type SpokenPart = { words: string } | { pauseMs: number };

/** Reads `my number is [900 ms] five five`. */
export function spokenParts(line: string): SpokenPart[] {
  return line
    .split(/\[(\d+) ms\]/u)
    .map((part, index): SpokenPart => (index % 2 === 1 ? { pauseMs: Number(part) } : { words: part.trim() }))
    .filter((part) => !('words' in part) || part.words !== '');
}
