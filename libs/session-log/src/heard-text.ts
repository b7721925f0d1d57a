/** How far a reply was played: all sentences before this one, and this much of it. */
export interface HeardPosition {
  sentence: number;
  playedMs: number;
  /** Length of the sentence's voice, where it is known. */
  sentenceMs?: number | undefined;
}

/** How long a character takes to say, where the length of the sentence's voice is unknown. */
const MS_PER_CHARACTER = 65;

/**
 * The words that were heard of a reply. Pure. Without word times a sentence's words are taken to be spread evenly
 * over its voice, and a word counts as heard when all of it was played.
 * @param sentences as the model wrote them, spaces between them included
 */
export function heardText(sentences: readonly string[], position: HeardPosition | undefined): string {
  if (!position) return '';
  const whole = sentences.slice(0, position.sentence).join('');
  const current = sentences[position.sentence];
  if (current === undefined) return whole;
  const lengthMs = position.sentenceMs ?? current.length * MS_PER_CHARACTER;
  const share = lengthMs > 0 ? Math.min(1, position.playedMs / lengthMs) : 0;
  if (share >= 1) return whole + current;
  const heardCharacters = Math.floor(current.trimEnd().length * share);
  const cut = current.slice(0, heardCharacters + 1);
  return whole + cut.slice(0, Math.max(0, cut.search(/\s\S*$/))).trimEnd();
}
