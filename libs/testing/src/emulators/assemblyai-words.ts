/** One word as it goes over the wire; times in ms since the session's audio began. */
export interface EmulatedWord {
  text: string;
  start: number;
  end: number;
  confidence: number;
}

/** Words as Universal-Streaming gives them unformatted. */
export function plain(text: string): string {
  return text.toLowerCase().replace(/[.,!?;:]+(?=\s|$)/gu, '');
}

/** A sentence with its capital and its mark. */
export function formatted(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/u.test(sentence) ? sentence : `${sentence}.`;
}

/** Words whose times are not known, evenly over a stretch. */
export function spread(text: string, fromMs: number, toMs: number): EmulatedWord[] {
  const words = text.split(/\s+/u).filter(Boolean);
  const eachMs = Math.max(1, (toMs - fromMs) / words.length);
  return words.map((word, at) => ({
    text: word,
    start: Math.round(fromMs + at * eachMs),
    end: Math.round(fromMs + (at + 1) * eachMs),
    confidence: 0.9,
  }));
}
