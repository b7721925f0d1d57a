/** Most bytes of a batch; there are two. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const FIRST_BATCH_BYTES = 64 * 1024;

/** A frame as it was sent. */
export interface SentFrame {
  subject: string;
  payload: Uint8Array;
}

/**
 * What was stored a moment ago, oldest first. It is copied into two buffers that take turns, because what is kept for a
 * second and then thrown away is what a garbage collector is worst at. When there is too much, the older half goes.
 */
export class RecentFrames {
  private older = new Batch();
  private newer = new Batch();
  private since = -Infinity;

  /** @param spanMs for how long a batch is filled: what is younger than this is always kept, unless there is too much */
  constructor(private readonly spanMs: number) {}

  /** @param storedAt never before that of the frame before */
  add(subject: string, payload: Uint8Array, storedAt: number): void {
    if (storedAt - this.newer.beganAt > this.spanMs || !this.newer.hasRoom(payload.length)) this.takeTurns();
    if (this.newer.hasRoom(payload.length)) this.newer.add(subject, payload, storedAt);
  }

  /** Forgets what was stored before. */
  forgetBefore(storedAt: number): void {
    this.since = storedAt;
  }

  /** Gives everything away. */
  takeAll(): SentFrame[] {
    const taken = [this.older, this.newer].flatMap((batch) => batch.since(this.since));
    this.older.clear();
    this.newer.clear();
    return taken;
  }

  private takeTurns(): void {
    const emptied = this.older;
    emptied.clear();
    this.older = this.newer;
    this.newer = emptied;
  }
}

/** Frames behind each other in one buffer. */
class Batch {
  private bytes = Buffer.alloc(0);
  private readonly subjects: string[] = [];
  private readonly ends: number[] = [];
  private readonly storedAt: number[] = [];
  private count = 0;

  /** When the first was stored; never, of an empty one. */
  get beganAt(): number {
    return this.count > 0 ? (this.storedAt[0] as number) : Infinity;
  }

  hasRoom(bytes: number): boolean {
    return this.used + bytes <= MAX_BATCH_BYTES;
  }

  add(subject: string, payload: Uint8Array, storedAt: number): void {
    const start = this.used;
    const end = start + payload.length;
    if (end > this.bytes.length) this.grow(end);
    this.bytes.set(payload, start);
    this.subjects[this.count] = subject;
    this.ends[this.count] = end;
    this.storedAt[this.count] = storedAt;
    this.count++;
  }

  since(storedAt: number): SentFrame[] {
    const found: SentFrame[] = [];
    for (let n = 0; n < this.count; n++) {
      if ((this.storedAt[n] as number) < storedAt) continue;
      const payload = Buffer.from(this.bytes.subarray(this.ends[n - 1] ?? 0, this.ends[n]));
      found.push({ subject: this.subjects[n] as string, payload });
    }
    return found;
  }

  /** What it has grown to stays, to be filled again. */
  clear(): void {
    this.count = 0;
  }

  private get used(): number {
    return this.count > 0 ? (this.ends[this.count - 1] as number) : 0;
  }

  private grow(needed: number): void {
    const size = Math.min(MAX_BATCH_BYTES, Math.max(FIRST_BATCH_BYTES, 2 * this.bytes.length, needed));
    const grown = Buffer.allocUnsafeSlow(size);
    grown.set(this.bytes.subarray(0, this.used));
    this.bytes = grown;
  }
}
