import { stripVTControlCharacters } from 'node:util';

/** Where a conversation is shown. */
export interface Terminal {
  write(text: string): void;
  /** A line may be written over: it is a terminal, not a file or a pipe. */
  readonly rewritable: boolean;
  readonly colors: boolean;
  /** Width in characters. */
  readonly columns: number;
}

const STYLES = { dim: '2', bold: '1', red: '31', green: '32', cyan: '36' } as const;
/** How a text may look. */
export type Style = keyof typeof STYLES;

/** The text in a style, or as it is where there are no colours. */
export function styled(terminal: Terminal, style: Style, text: string): string {
  return terminal.colors && text !== '' ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
}

/**
 * A text from outside made fit for one line of a terminal: without escape sequences, and with control characters as
 * spaces.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

/** Terminal on a process's stream. */
export function streamTerminal(stream: NodeJS.WriteStream, options: { color: boolean }): Terminal {
  return {
    write: (text) => void stream.write(text),
    rewritable: Boolean(stream.isTTY),
    colors: Boolean(stream.isTTY) && options.color,
    get columns() {
      return stream.columns || 80;
    },
  };
}
