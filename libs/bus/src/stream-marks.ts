/** The least time between two marks of a stream. */
const SPACING_MS = 250;
/** Marks kept of a stream: ten minutes of them. */
const MOST_MARKS = 2400;

interface Mark {
  atMs: number;
  seq: number;
}

/**
 * What this process knows of when streams had which sequence numbers, from the acknowledgements that it gets anyway. A
 * server finds a sequence number at once, and a time by looking at message after message.
 */
export class StreamMarks {
  private readonly marks = new Map<string, Mark[]>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Whether the stream's next acknowledgement is of use. */
  isDue(stream: string): boolean {
    const last = this.marks.get(stream)?.at(-1);
    return !last || this.now() - last.atMs >= SPACING_MS;
  }

  /** A stream has stored a message under this number, by now. */
  note(stream: string, seq: number): void {
    const marks = this.marks.get(stream) ?? [];
    this.marks.set(stream, marks);
    const last = marks.at(-1);
    // A stream that counts anew is another one.
    if (last && seq < last.seq) marks.length = 0;
    marks.push({ atMs: this.now(), seq });
    if (marks.length > MOST_MARKS) marks.splice(0, MOST_MARKS / 2);
  }

  /** A number that all messages stored since then are above, as near as is known; undefined when nothing is. */
  before(stream: string, sinceMs: number): number | undefined {
    return this.marks.get(stream)?.findLast(({ atMs }) => atMs <= sinceMs)?.seq;
  }

  /** The stream may have been made anew. @param lastSeq its newest number, where it is known */
  check(stream: string, lastSeq?: number): void {
    const newest = this.marks.get(stream)?.at(-1)?.seq ?? 0;
    if (lastSeq === undefined || lastSeq < newest) this.marks.delete(stream);
  }
}
