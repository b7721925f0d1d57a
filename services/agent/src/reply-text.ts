import { SentenceAssembler, type AssembledSentence, type SentenceAssemblerOptions } from './sentence-assembler.js';
import { SpeakerMarks, type SpeakerText } from './speaker-marks.js';

/** Text of one speaker as it streams, and the sentences that it has completed, some of them of the speaker before. */
export interface Stretch {
  text: string;
  speaker?: string;
  sentences: AssembledSentence[];
}

/** Makes of a reply's text who says what, sentence by sentence. One per reply. */
export class ReplyText {
  private readonly marks: SpeakerMarks;
  private readonly assembler: SentenceAssembler;
  private speaker: string | undefined;

  constructor(speakers: readonly string[], options: SentenceAssemblerOptions = {}) {
    this.marks = new SpeakerMarks(speakers);
    this.assembler = new SentenceAssembler(options);
  }

  /** Takes text as it comes. */
  push(text: string): Stretch[] {
    return this.marks.push(text).map((part) => this.stretch(part));
  }

  /** Nothing follows for a while, or at all: whatever there is need not wait. */
  flush(): Stretch[] {
    const stretches = this.marks.flush().map((part) => this.stretch(part));
    this.speaker = undefined;
    return [...stretches, { text: '', sentences: this.assembler.turnTo(undefined, '') }];
  }

  private stretch({ text, mark, speaker }: SpeakerText): Stretch {
    const isOther = mark !== '' || speaker !== this.speaker;
    const before = isOther ? this.assembler.turnTo(speaker, mark) : [];
    this.speaker = speaker;
    const sentences = [...before, ...this.assembler.push(text)];
    return { text: mark + text, sentences, ...(speaker !== undefined && { speaker }) };
  }
}
