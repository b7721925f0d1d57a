/** Most bytes that are kept. */
const MAX_BYTES = 8 * 1024 * 1024;

/** What was stored a moment ago, oldest first, bounded: the oldest quarter goes when there is too much. */
export class RecentFrames<F extends { payload: Uint8Array }> {
  private frames: { frame: F; storedAt: number }[] = [];
  private bytes = 0;

  add(frame: F, storedAt: number): void {
    this.frames.push({ frame, storedAt });
    this.bytes += frame.payload.length;
    if (this.bytes > MAX_BYTES) this.forget(Math.ceil(this.frames.length / 4));
  }

  /** Forgets what was stored before. */
  forgetBefore(storedAt: number): void {
    const kept = this.frames.findIndex((each) => each.storedAt >= storedAt);
    this.forget(kept < 0 ? this.frames.length : kept);
  }

  /** Gives everything away. */
  takeAll(): F[] {
    const taken = this.frames.map(({ frame }) => frame);
    this.forget(this.frames.length);
    return taken;
  }

  private forget(count: number): void {
    for (const { frame } of this.frames.splice(0, count)) this.bytes -= frame.payload.length;
  }
}
