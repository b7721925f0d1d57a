/** How often the first of what waits is tried. */
const TRY_MS = 50;

/**
 * Shut while a stream refuses voice: all of it waits behind the first frame, which is tried alone, so that none overtakes
 * another and none waits for long once the stream takes it again.
 */
export class RefusalGate {
  private timer: NodeJS.Timeout | undefined;
  private tried = 0;

  /**
   * @param tryFirst sends the first of what waits again, and gives its token; undefined when nothing waits
   * @param onOpen everything may leave
   */
  constructor(
    private readonly tryFirst: () => number | undefined,
    private readonly onOpen: () => void,
  ) {}

  get isShut(): boolean {
    return this.timer !== undefined;
  }

  shut(): void {
    this.timer ??= setInterval(() => {
      const tried = this.tryFirst();
      if (tried === undefined) this.forget();
      else this.tried = tried;
    }, TRY_MS);
  }

  /** The stream has taken something: opens when that is what was tried. */
  taken(token: number): void {
    if (!this.isShut || token !== this.tried) return;
    this.forget();
    this.onOpen();
  }

  /** Opens without a word, because all is sent again anyway, or nothing any more. */
  forget(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
