/** A reply's text on its way to clients, as it streams: what a model writes in one go is told in one go. */
export class ToldText {
  private untold = '';
  private speaker: string | undefined;
  private telling: NodeJS.Immediate | undefined;

  /**
   * @param isHeld what is written now was told by an earlier owner, as far as it is {@link skip | skipped}
   * @param show tells clients
   */
  constructor(
    private readonly isHeld: () => boolean,
    private readonly show: (text: string, speaker: string | undefined) => void,
  ) {}

  /** Takes what somebody says. */
  add(text: string, speaker: string | undefined): void {
    if (speaker !== this.speaker) this.tell();
    this.speaker = speaker;
    this.untold += text;
    this.telling ??= setImmediate(() => this.tell());
  }

  /** So much of it clients know already. */
  skip(length: number): void {
    this.untold = this.untold.slice(length);
  }

  /** Tells what there is now: something follows that comes behind it. */
  tell(): void {
    clearImmediate(this.telling);
    this.telling = undefined;
    if (this.isHeld() || this.untold === '') return;
    this.show(this.untold, this.speaker);
    this.untold = '';
  }
}
