/** A word, in ms of all that was sent; without times where the provider gives none. */
export interface HeardWord {
  text: string;
  startMs: number | undefined;
  endMs: number | undefined;
}

/** Part of what was said, which will not change any more. */
export interface HeardPart {
  text: string;
  words: HeardWord[];
  confidence: number | undefined;
  startMs: number;
  endMs: number;
}

/** What of a part was said from a moment on; undefined when nothing was. */
export function partFrom(part: HeardPart, fromMs: number): HeardPart | undefined {
  return partOf(part, (startMs) => startMs >= fromMs);
}

/** What of a part was said before a moment; undefined when nothing was. */
export function partUntil(part: HeardPart, untilMs: number): HeardPart | undefined {
  return partOf(part, (startMs) => startMs < untilMs);
}

// The text as it is written is lost only where it has to be cut.
function partOf(part: HeardPart, isOf: (startMs: number) => boolean): HeardPart | undefined {
  if (part.text === '') return undefined;
  if (part.words.length === 0) return isOf(part.startMs) ? part : undefined;
  const words = part.words.filter(({ startMs = part.startMs }) => isOf(startMs));
  if (words.length === part.words.length) return part;
  if (words.length === 0) return undefined;
  return {
    ...part,
    text: words.map(({ text }) => text).join(' '),
    words,
    startMs: words[0]?.startMs ?? part.startMs,
    endMs: words.at(-1)?.endMs ?? part.endMs,
  };
}

/**
 * The fields that a final is made of, from parts that follow each other. Word times count from the first word: of audio that
 * never stops, that is where the utterance begins.
 */
export function finalOf(parts: readonly HeardPart[]) {
  const heard = parts.flatMap(({ words }) => words);
  const beginMs = heard[0]?.startMs ?? 0;
  const words = heard.flatMap(({ text, startMs, endMs }) =>
    startMs === undefined || endMs === undefined
      ? []
      : [{ word: text, startMs: Math.max(0, startMs - beginMs), endMs: Math.max(0, endMs - beginMs) }],
  );
  return {
    text: parts.map(({ text }) => text).join(' '),
    ...(words.length > 0 && words.length === heard.length && { words }),
    confidence: confidenceOf(parts),
  };
}

// Weighed by words.
function confidenceOf(parts: readonly HeardPart[]): number | undefined {
  let sum = 0;
  let count = 0;
  for (const { confidence, words } of parts) {
    if (confidence === undefined) return undefined;
    sum += confidence * words.length;
    count += words.length;
  }
  return count > 0 ? Math.min(1, Math.max(0, sum / count)) : undefined;
}
