import { speakerMark } from '@parley/contracts';

/** Text that one speaker says. */
export interface SpeakerText {
  /** As the model wrote it, without the mark. */
  text: string;
  /** What stands before it and says who speaks from here on; empty when that goes on. */
  mark: string;
  /** Nobody's but the agent's own when absent. */
  speaker?: string;
}

/** The text so far ends where a line or a sentence may begin. */
const BEGINNING = /(?:^|\n|[.!?…:]["'”’»)\]*_]*\s|[。！？।؟])\s*$/u;
/** As much of the text so far as {@link BEGINNING} may look at. */
const TAIL_CHARS = 16;

/**
 * Finds who says what in a model's tokens: `[name]: ` at the beginning of a line or a sentence lets one of the named
 * speak, up to the next mark or the end of the line. However the text is cut into tokens, the answer is the same; what may
 * become a mark is held back. One per reply.
 */
export class SpeakerMarks {
  private readonly names: ReadonlyMap<string, string>;
  private rest = '';
  private tail = '';
  private speaker: string | undefined;

  /** @param names of those who may speak; the model may write them in capitals or not */
  constructor(names: readonly string[] = []) {
    this.names = new Map(names.map((name) => [name.toLowerCase(), name]));
  }

  /** Takes the next token. @returns what it is known to be */
  push(token: string): SpeakerText[] {
    if (this.names.size === 0) return [{ text: token, mark: '' }];
    this.rest += token;
    return this.take(false);
  }

  /** The model pauses or has ended: what was held back is no mark, and nobody of the named speaks on. */
  flush(): SpeakerText[] {
    const texts = this.take(true);
    this.speaker = undefined;
    this.tail = '';
    return texts;
  }

  private take(isOver: boolean): SpeakerText[] {
    const texts: SpeakerText[] = [];
    let plain = '';
    const say = (mark = '') => {
      if (plain !== '' || mark !== '')
        texts.push({ text: plain, mark, ...(this.speaker && { speaker: this.speaker }) });
      plain = '';
    };
    while (this.rest !== '') {
      const at = this.speaker === undefined ? this.rest.indexOf('[') : this.rest.search(/[[\n]/);
      plain += this.pass(at === -1 ? this.rest.length : at);
      if (this.rest === '') break;
      if (this.rest.startsWith('\n')) {
        say();
        this.speaker = undefined;
        plain += this.pass(1);
        continue;
      }
      const mark = BEGINNING.test(this.tail) ? this.markAhead(isOver) : undefined;
      if (mark === 'wait') break;
      if (mark === undefined) {
        plain += this.pass(1);
        continue;
      }
      say();
      this.speaker = mark.speaker;
      this.rest = this.rest.slice(mark.text.length);
      this.tail = '';
      say(mark.text);
    }
    say();
    return texts;
  }

  /** Moves on over what is no mark. @returns it */
  private pass(chars: number): string {
    const text = this.rest.slice(0, chars);
    this.rest = this.rest.slice(chars);
    this.tail = (this.tail + text).slice(-TAIL_CHARS);
    return text;
  }

  private markAhead(isOver: boolean): { text: string; speaker: string } | 'wait' | undefined {
    const ahead = this.rest.toLowerCase();
    for (const [name, speaker] of this.names) {
      const mark = speakerMark(name);
      if (ahead.startsWith(mark)) {
        if (ahead.length === mark.length && !isOver) return 'wait';
        return { text: this.rest.slice(0, mark.length + (ahead[mark.length] === ' ' ? 1 : 0)), speaker };
      }
      if (mark.startsWith(ahead) && !isOver) return 'wait';
    }
    return undefined;
  }
}

/** What a model is told of those whom it may let speak; empty when there is nobody. */
export function speakersNote(names: readonly string[]): string {
  if (names.length === 0) return '';
  const marks = names.map((name) => `"${speakerMark(name)} "`).join(', ');
  return (
    `Beside yourself you may let others speak, each with a voice of their own. Begin a line with ${marks} to do so; ` +
    `what stands behind it up to the end of the line is said by them. A line without it is said by you. ` +
    `Write no other marks of this kind.`
  );
}
