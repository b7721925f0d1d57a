import type { EventOf } from '@parley/contracts';
import { wordsOf } from '@parley/session-log';
import type { AgentMetrics } from './agent-metrics.js';
import type { HeldOutput } from './held-output.js';
import type { ReplyRun } from './reply-run.js';
import type { WallClock } from './wall-clock.js';

/** Words that will not change are taken for all that is said when no further one comes for so long. */
const QUIET_MS = 300;

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
  /** What is understood of the utterance that goes on, if it will not change. */
  private interim = '';
  private cancelQuiet = () => {};

  constructor(
    private readonly metrics: AgentMetrics,
    private readonly clock: Pick<WallClock, 'after'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What the user has said in a turn that goes on. */
  get userText(): string {
    return [...this.finals, this.interim].join(' ').trim();
  }

  /** Words that go on. @param onQuiet called when they may be all, unless something else is heard before */
  hears({ text, stableChars }: Pick<EventOf<'transcript.interim'>, 'text' | 'stableChars'>, onQuiet: () => void): void {
    this.cancelQuiet();
    const isStable = stableChars >= text.length;
    this.interim = isStable ? text : '';
    if (this.early && !isSaid(this.early.userText, this.userText)) this.discard();
    if (isStable && text.trim()) this.cancelQuiet = this.clock.after(QUIET_MS, onQuiet);
  }

  heard(text: string): void {
    this.forgetInterim();
    if (text.trim()) this.finals.push(text);
  }

  turnEnded(): void {
    this.forgetInterim();
    this.finals = [];
  }

  close(): void {
    this.forgetInterim();
    this.discard();
  }

  /** Takes a reply that was begun early; one before it is thrown away. */
  begin(early: Omit<PreemptiveReply, 'startedAt'>): void {
    this.discard();
    this.early = { ...early, startedAt: this.now() };
  }

  /** Whether a reply for these words is being made already. */
  isMaking(userText: string): boolean {
    return this.early !== undefined && isSaid(this.early.userText, userText);
  }

  /** The reply that was begun early, if it is the one that is wanted now; otherwise it is thrown away. */
  claim(wanted: Pick<PreemptiveReply, 'reply' | 'turn' | 'userText'>): PreemptiveReply | undefined {
    const { early } = this;
    const isNext = early?.reply === wanted.reply && early.turn === wanted.turn;
    if (!isNext || !isSaid(early.userText, wanted.userText)) {
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

  private forgetInterim(): void {
    this.cancelQuiet();
    this.interim = '';
  }
}

/** Whether both have the same words; marks and capitals come with the final transcript. */
function isSaid(one: string, other: string): boolean {
  return wordsOf(one).join(' ') === wordsOf(other).join(' ');
}
