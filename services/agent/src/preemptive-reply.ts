import type { AgentMetrics } from './agent-metrics.js';
import type { HeldOutput } from './held-output.js';
import type { ReplyRun } from './reply-run.js';

/** A reply that is being made before its turn is over, in the hope that no more is said. */
export interface PreemptiveReply {
  reply: number;
  turn: number;
  /** What the user has said so far. */
  userText: string;
  run: ReplyRun;
  output: HeldOutput;
  startedAt: number;
  /** The run has come to its end. */
  ended: Promise<void>;
}

/**
 * At most one reply that is made early. It is kept when the turn ends with the words that it was begun with, and thrown
 * away when more is said: nothing of it was written, and no tool was called.
 */
export class Preemption {
  private early: PreemptiveReply | undefined;
  /** Transcripts since the last turn ended. */
  private finals: string[] = [];

  constructor(
    private readonly metrics: AgentMetrics,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What the user has said in a turn that goes on. */
  get userText(): string {
    return this.finals.join(' ').trim();
  }

  heard(text: string): void {
    if (text.trim()) this.finals.push(text);
  }

  turnEnded(): void {
    this.finals = [];
  }

  /** Takes a reply that was begun early; one before it is thrown away. */
  begin(early: Omit<PreemptiveReply, 'startedAt'>): void {
    this.discard();
    this.early = { ...early, startedAt: this.now() };
  }

  /** Whether a reply for these words is being made already. */
  isMaking(userText: string): boolean {
    return this.early?.userText === userText;
  }

  /** The reply that was begun early, if it is the one that is wanted now; otherwise it is thrown away. */
  claim(wanted: Pick<PreemptiveReply, 'reply' | 'turn' | 'userText'>): PreemptiveReply | undefined {
    const { early } = this;
    const fits = early?.reply === wanted.reply && early.turn === wanted.turn && early.userText === wanted.userText;
    if (!fits) {
      this.discard();
      return undefined;
    }
    this.early = undefined;
    this.metrics.preemptive.inc({ outcome: 'kept' });
    this.metrics.preemptiveSaved.observe((this.now() - early.startedAt) / 1000);
    return early;
  }

  /** Throws away what was begun. */
  discard(): void {
    const { early } = this;
    if (!early) return;
    this.early = undefined;
    early.run.discard();
    early.output.drop();
    this.metrics.preemptive.inc({ outcome: 'discarded' });
    this.metrics.preemptiveWasted.inc(early.run.tokens);
  }
}
