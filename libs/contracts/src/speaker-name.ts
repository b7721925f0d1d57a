/** What a name is made of, so that its mark can be told from other text. */
const NAME = String.raw`[^[\]:\n]{1,40}`;

/** A name of somebody who may speak beside the agent itself. */
export const SPEAKER_NAME = new RegExp(`^${NAME}$`);

const LEADING_MARK = new RegExp(String.raw`^\s*\[${NAME}\]:`);

/** What stands in a written text where somebody begins to speak; a space may follow. */
export function speakerMark(name: string): string {
  return `[${name}]:`;
}

/** The mark of whoever speaks that a written text begins with, and the white space before it; empty without one. */
export function leadingSpeakerMark(text: string): string {
  return LEADING_MARK.exec(text)?.[0] ?? '';
}
