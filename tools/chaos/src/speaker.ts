/** A stretch of a reply's voice that the caller's speaker played. */
export interface HeardPiece {
  reply: number;
  sentence: number;
  /** Of its first sample, within the sentence. */
  pts: number;
  pcm: Int16Array;
  /** When its first sample was played, in ms since 1970. */
  fromMs: number;
}

/** Time in which the speaker had nothing to play of a reply that was not over. */
export interface DryGap {
  reply: number;
  sentence: number;
  fromMs: number;
  toMs: number;
}

/** Where a frame belongs, as the gateway says it. */
export interface FramePosition {
  reply: number;
  sentence: number;
  pts: number;
}

/** Lateness below this is the timing of frames, not a gap that can be heard. */
const AUDIBLE_MS = 20;

/** A speaker that plays what it is given in real time, one frame after the other, from when each arrives on. */
export class Speaker {
  readonly pieces: HeardPiece[] = [];
  readonly gaps: DryGap[] = [];
  private playedOutMs = -Infinity;
  /** What is held back since it was paused; undefined while it plays. */
  private held: Omit<HeardPiece, 'fromMs'>[] | undefined;
  private readonly over = new Set<number>();

  constructor(private readonly sampleRateHz: number) {}

  /** When all that was given will have been played. */
  get quietFromMs(): number {
    return this.playedOutMs;
  }

  /** Of the first sample that was not played; undefined before the first frame. */
  get next(): FramePosition | undefined {
    const [waiting] = this.held ?? [];
    if (waiting) return { reply: waiting.reply, sentence: waiting.sentence, pts: waiting.pts };
    const last = this.pieces.at(-1);
    return last && { reply: last.reply, sentence: last.sentence, pts: last.pts + last.pcm.length };
  }

  get isPaused(): boolean {
    return this.held !== undefined;
  }

  /** Takes a frame that arrives now. */
  play(info: FramePosition, pcm: Int16Array, nowMs: number): void {
    if (this.held) {
      this.held.push({ reply: info.reply, sentence: info.sentence, pts: info.pts, pcm });
      return;
    }
    const last = this.pieces.at(-1);
    const lateMs = nowMs - this.playedOutMs;
    if (last?.reply === info.reply && lateMs > AUDIBLE_MS && !this.over.has(info.reply)) {
      this.gaps.push({ reply: info.reply, sentence: info.sentence, fromMs: this.playedOutMs, toMs: nowMs });
    }
    const fromMs = Math.max(this.playedOutMs, nowMs);
    const { reply, sentence, pts } = info;
    this.pieces.push({ reply, sentence, pts, pcm, fromMs });
    this.playedOutMs = fromMs + (pcm.length / this.sampleRateHz) * 1000;
  }

  /** Throws away what has not been played by now, and plays what comes next. */
  flush(nowMs: number): void {
    this.stop(nowMs);
    this.held = undefined;
  }

  /** Falls silent, and holds what has not been played by now. */
  pause(nowMs: number): void {
    this.held ??= this.stop(nowMs);
  }

  /** Goes on with what it holds. */
  resume(nowMs: number): void {
    const { held = [] } = this;
    this.held = undefined;
    // Whoever holds back is not dry.
    if (this.playedOutMs > -Infinity) this.playedOutMs = Math.max(this.playedOutMs, nowMs);
    for (const { pcm, ...info } of held) this.play(info, pcm, nowMs);
  }

  /** Nothing of this reply is to be expected any more. */
  ended(reply: number): void {
    this.over.add(reply);
  }

  /** @returns what has not been played by now, in order */
  private stop(nowMs: number): Omit<HeardPiece, 'fromMs'>[] {
    const rest: Omit<HeardPiece, 'fromMs'>[] = [];
    for (let last = this.pieces.at(-1); last; last = this.pieces.at(-1)) {
      const played = Math.max(0, Math.floor(((nowMs - last.fromMs) / 1000) * this.sampleRateHz));
      if (played >= last.pcm.length) break;
      this.pieces.pop();
      const { reply, sentence, pts, pcm } = last;
      rest.unshift({ reply, sentence, pts: pts + played, pcm: pcm.subarray(played) });
      if (played === 0) continue;
      this.pieces.push({ ...last, pcm: pcm.subarray(0, played) });
      break;
    }
    this.playedOutMs = Math.min(this.playedOutMs, nowMs);
    return rest;
  }
}
