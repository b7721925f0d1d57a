/** Takes a frame of the caller's voice; false when it was dropped. */
export type FrameSink = (frame: Int16Array) => boolean;

const RATE_HZ = 16_000;

/** A caller's microphone: one frame every `frameMs`, of what is being said or of silence, for as long as it is on. */
export class Microphone {
  /** Frames that the sink did not take. */
  dropped = 0;
  private readonly frameSamples: number;
  private readonly said: { pcm: Int16Array; at: number; done: (saidMs: number) => void }[] = [];
  private readonly timer: NodeJS.Timeout;
  private sentFrames = 0;

  /** @param nowMs the clock that it keeps time by */
  constructor(
    private readonly sink: FrameSink,
    private readonly nowMs: () => number,
    private readonly frameMs = 60,
  ) {
    this.frameSamples = (RATE_HZ / 1000) * frameMs;
    const startedMs = nowMs();
    this.timer = setInterval(() => this.catchUp(nowMs() - startedMs), frameMs);
  }

  /** Says something behind what is being said; resolves with the time at which its last sample was sent. */
  say(pcm: Int16Array): Promise<number> {
    return new Promise((done) => this.said.push({ pcm, at: 0, done }));
  }

  /** Switches it off; what was not said stays unsaid. */
  off(): void {
    clearInterval(this.timer);
  }

  private catchUp(elapsedMs: number): void {
    for (; this.sentFrames * this.frameMs < elapsedMs; this.sentFrames++) {
      if (!this.sink(this.nextFrame())) this.dropped++;
    }
  }

  private nextFrame(): Int16Array {
    const frame = new Int16Array(this.frameSamples);
    for (let filled = 0; filled < frame.length;) {
      const saying = this.said[0];
      if (!saying) break;
      const part = saying.pcm.subarray(saying.at, saying.at + frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      saying.at += part.length;
      if (saying.at < saying.pcm.length) continue;
      this.said.shift();
      saying.done(this.nowMs());
    }
    return frame;
  }
}
