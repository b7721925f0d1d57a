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
  private readonly over = new Set<number>();

  constructor(private readonly sampleRateHz: number) {}

  /** When all that was given will have been played. */
  get quietFromMs(): number {
    return this.playedOutMs;
  }

  /** Takes a frame that arrives now. */
  play(info: FramePosition, pcm: Int16Array, nowMs: number): void {
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

  /** Throws away what has not been played by now. */
  flush(nowMs: number): void {
    for (let last = this.pieces.at(-1); last; last = this.pieces.at(-1)) {
      const played = Math.max(0, Math.floor(((nowMs - last.fromMs) / 1000) * this.sampleRateHz));
      if (played >= last.pcm.length) break;
      this.pieces.pop();
      if (played > 0) this.pieces.push({ ...last, pcm: last.pcm.subarray(0, played) });
      if (played > 0) break;
    }
    this.playedOutMs = Math.min(this.playedOutMs, nowMs);
  }

  /** Nothing of this reply is to be expected any more. */
  ended(reply: number): void {
    this.over.add(reply);
  }
}
