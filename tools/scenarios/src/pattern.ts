const PATTERN = /^\/(.+)\/(i?)$/su;

/** The regular expression that a text such as `/^Tea/i` stands for; undefined for any other text. */
export function patternIn(text: string): RegExp | undefined {
  const [, source, flags] = PATTERN.exec(text) ?? [];
  return source === undefined ? undefined : new RegExp(source, `u${flags}`);
}

/** Whether a text can be read as what it looks like: a `/` at either end must hold a regular expression. */
export function isReadable(text: string): boolean {
  try {
    patternIn(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a text is the one wanted, or fits the pattern wanted. */
export function fits(wanted: string, text: string): boolean {
  return patternIn(wanted)?.test(text) ?? wanted === text;
}
