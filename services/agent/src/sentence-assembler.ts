import { clauseBreakAt, forcedBreak, sentenceBreakAt } from './sentence-assembler-breaks.js';
import { toSpeakable } from './speakable.js';

/** One piece of a reply, usually a sentence. */
export interface AssembledSentence {
  /**
   * As the model wrote it. All pieces together are the whole text: whitespace between two belongs to the later one.
   * Whitespace after the last is dropped.
   */
  text: string;
  /** As it is to be spoken; empty when nothing in it can be said. */
  spoken: string;
  /** Who says it; the agent itself when absent. */
  speaker?: string;
}

/** Settings of {@link SentenceAssembler}. */
export interface SentenceAssemblerOptions {
  /** The first piece may end at a clause from this length on, so that speech begins early. @defaultValue 16 */
  firstClauseChars?: number;
  /** No piece is longer, in UTF-16 units. @defaultValue 240 */
  maxChars?: number;
}

/**
 * Makes sentences of a model's tokens. However the text is cut into tokens, the sentences are the same; each leaves
 * as soon as what follows shows that it is over. One per reply.
 */
export class SentenceAssembler {
  private readonly firstClauseChars: number;
  private readonly maxChars: number;
  private rest = '';
  private first = true;
  private insideCode = false;
  private speaker: string | undefined;
  /** Belongs to the next piece and is not said: the mark of who says it. */
  private unspoken = '';

  /** @throws {RangeError} when a length is less than 2 */
  constructor({ firstClauseChars = 16, maxChars = 240 }: SentenceAssemblerOptions = {}) {
    if (!(maxChars >= 2) || !(firstClauseChars >= 2)) throw new RangeError('lengths must be at least 2');
    this.firstClauseChars = firstClauseChars;
    this.maxChars = maxChars;
  }

  /** Takes the next token. @returns the sentences it completed */
  push(token: string): AssembledSentence[] {
    this.rest += token;
    return this.take(false);
  }

  /**
   * Somebody speaks from here on.
   * @param mark what the model wrote to say so
   * @returns what was left of the one before
   */
  turnTo(speaker: string | undefined, mark: string): AssembledSentence[] {
    const sentences = this.flush();
    this.unspoken += this.rest + mark;
    this.rest = '';
    this.speaker = speaker;
    return sentences;
  }

  /** The model pauses, for a tool: what it has written so far need not wait for what follows. @returns it */
  flush(): AssembledSentence[] {
    const sentences = this.take(true);
    if (this.rest.trim() !== '') sentences.push(this.cut(this.rest.trimEnd().length));
    return sentences;
  }

  /** The text is over. @returns what is left of it */
  end(): AssembledSentence[] {
    const sentences = this.flush();
    this.rest = '';
    return sentences;
  }

  private take(ended: boolean): AssembledSentence[] {
    const sentences: AssembledSentence[] = [];
    for (let at = this.nextBreak(ended); at !== undefined; at = this.nextBreak(ended)) sentences.push(this.cut(at));
    return sentences;
  }

  /**
   * Where the next piece ends; undefined until that is certain. Places are judged in order, and none before the one
   * ahead of it: so the answer does not depend on how much of the text was there when.
   */
  private nextBreak(ended: boolean): number | undefined {
    const { rest, maxChars } = this;
    const begins = rest.length - rest.trimStart().length;
    for (let at = 0; at < Math.min(rest.length, maxChars); at++) {
      let verdict = sentenceBreakAt(rest, at, ended);
      if (verdict === 'no' && this.first && at + 1 - begins >= this.firstClauseChars) verdict = clauseBreakAt(rest, at);
      if (verdict === 'wait') return undefined;
      if (verdict !== 'no' && verdict.break <= maxChars && verdict.break > begins) return verdict.break;
    }
    return rest.length > maxChars ? forcedBreak(rest, maxChars) : undefined;
  }

  private cut(at: number): AssembledSentence {
    const text = this.rest.slice(0, at);
    this.rest = this.rest.slice(at);
    this.first &&= text.trim() === '';
    const spoken = toSpeakable(this.insideCode ? `\`\`\`\n${text}` : text);
    const fences = text.match(/```/g)?.length ?? 0;
    if (fences % 2 === 1) this.insideCode = !this.insideCode;
    const whole = this.unspoken + text;
    this.unspoken = '';
    return { text: whole, spoken, ...(this.speaker !== undefined && { speaker: this.speaker }) };
  }
}
