import type { Turn } from './turn.js';

/** How long the formatted words of a turn that is over are waited for. */
const FORMAT_TIMEOUT_MS = 500;

/** What becomes of a turn's messages. */
export interface SingleEndsListener {
  onTurn(turn: Turn): void;
  /** It was of a turn that has had its end. */
  onLate(): void;
}

/**
 * Lets each turn end once. Where the provider formats turns it may say the end of one twice, its words as they were heard
 * and then formatted: only the latter count, unless they do not come.
 */
export class SingleEnds {
  private endedOrder = -1;
  private held: Turn | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly isFormatting: boolean,
    private readonly listener: SingleEndsListener,
  ) {}

  accept(turn: Turn): void {
    if (this.held && turn.order > this.held.order) this.release();
    if (turn.order <= this.endedOrder) return this.listener.onLate();
    if (this.held && !turn.isOver) return;
    // One without words ends nothing: another may have its order.
    if (turn.transcript === '' && turn.words.length === 0) return this.listener.onTurn(turn);
    if (turn.isOver && this.isFormatting && !turn.isFormatted) {
      this.held = turn;
      this.timer ??= setTimeout(() => this.release(), FORMAT_TIMEOUT_MS);
      return;
    }
    if (turn.isOver) this.end(turn.order);
    this.listener.onTurn(turn);
  }

  /** Nothing more is waited for. @returns the end that was held back */
  take(): Turn | undefined {
    const { held } = this;
    if (held) this.end(held.order);
    return held;
  }

  private release(): void {
    const turn = this.take();
    if (turn) this.listener.onTurn(turn);
  }

  private end(order: number): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.held = undefined;
    this.endedOrder = order;
  }
}
