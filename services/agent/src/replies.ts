import type { EventType } from '@parley/contracts';
import { isForModel, type StartCommand, type TurnState } from '@parley/session-log';
import type { OwnedSession } from '@parley/stage-kit';
import type { AgentMetrics } from './agent-metrics.js';
import type { Conversation } from './conversation.js';
import { HeldOutput } from './held-output.js';
import { Preemption } from './preemptive-reply.js';
import { ReplyRun, type ReplyOutput, type ReplyRunOptions } from './reply-run.js';
import type { SpeakingAgent } from './speaking-agent.js';
import type { BegunReply } from './unfinished-reply.js';
import type { WallClock } from './wall-clock.js';

/** What replies are made with. */
export interface RepliesOptions {
  session: Pick<OwnedSession, 'writer' | 'log'>;
  replyTimeoutMs: number;
  metrics: AgentMetrics;
  clock: WallClock;
  /** Publishes an event and folds it into the session's state. @returns whether it was stored */
  emit: ReplyOutput['emit'];
  /** The reply that had the floor has come to its end by itself. */
  onEnded(): void;
}

/** A model's replies in one session: one that has the floor, and one that may be begun before its turn is over. */
export class Replies {
  /** What is understood of a turn that goes on, and the reply that was begun for it. */
  readonly early: Preemption;
  private run: ReplyRun | undefined;
  private closed = false;
  /** Another owner goes on with what is written until the session is closed here. */
  private handingOver = false;
  /** Every reply that was begun has come to its end. */
  private runsEnded: Promise<void> = Promise.resolve();

  constructor(
    private readonly agent: () => SpeakingAgent | undefined,
    private readonly conversation: () => Conversation | undefined,
    private readonly options: RepliesOptions,
  ) {
    this.early = new Preemption(options.metrics, options.clock);
  }

  /** Whether one has the floor and is being made. */
  get isMaking(): boolean {
    return this.run !== undefined;
  }

  /** Makes the reply to a turn, or goes on with the one that was begun early for it. */
  begin(command: StartCommand): void {
    const early = this.early.claim(command);
    if (!early) return this.make(command);
    early.run.turnEnded();
    this.run = early.run;
    early.output.release();
    void early.ended.then(() => this.onRunEnded(early.run));
  }

  /** Makes a reply. @param begun what an owner before has done of it */
  make(command: StartCommand, begun?: BegunReply): void {
    const run: ReplyRun | undefined = this.newRun(command, { output: this.output(() => this.run === run), ...begun });
    if (!run) return;
    this.run = run;
    const ended = run.run().then(() => this.onRunEnded(run));
    this.runsEnded = this.runsEnded.then(() => ended);
  }

  /** All that was said has been understood, and the turn may be over with it: the model begins. */
  preempt(state: TurnState): void {
    const { userText } = this.early;
    const { reply, turn, active, open, phase } = state;
    const agent = this.agent();
    const isQuiet = !active && open.length === 0 && phase === 'listening' && !this.run;
    if (!agent?.preemptive || !isForModel(state, agent.behaviour.outgoing)) return;
    if (!isQuiet || !userText || this.early.isMaking(userText)) return;
    this.early.discard();
    const command: StartCommand = { type: 'start', reply: reply + 1, turn: turn + 1, userText, answers: [] };
    const output = new HeldOutput(this.output(() => this.run === run));
    const run: ReplyRun | undefined = this.newRun(command, { output, isEarly: true });
    if (!run) return;
    const ended = run.run();
    this.early.begin({ ...command, run, output, ended });
    this.runsEnded = this.runsEnded.then(() => ended);
  }

  /** The caller has interrupted the one that has the floor. */
  interrupt(): void {
    this.run?.interrupt();
    this.run = undefined;
  }

  /** Where replies are written, for as long as the session is here; text for clients only of what has the floor. */
  output(isShown: () => boolean): ReplyOutput {
    const { emit, session } = this.options;
    return {
      emit: (type, payload) => {
        const isWritten = !this.closed || (this.handingOver && isToolsDoing(type));
        return isWritten ? emit(type, payload) : Promise.resolve(false);
      },
      text: (reply, text, speaker) => {
        if (isShown()) session.writer.text(reply, text, speaker);
      },
    };
  }

  /** Nothing is begun any more. @param isHandingOver a tool that ends is told of, so that the next owner does not call it again */
  close(isHandingOver: boolean): void {
    this.closed = true;
    this.handingOver = isHandingOver;
    this.early.close();
    if (isHandingOver) this.run?.handOver();
    else this.run?.stop();
  }

  /** Resolves when every reply that was begun has come to its end. */
  async ended(): Promise<void> {
    await this.runsEnded;
  }

  private newRun(
    command: StartCommand,
    options: Pick<ReplyRunOptions, 'output' | 'published' | 'begunCalls' | 'hasHungUp' | 'isEarly'>,
  ): ReplyRun | undefined {
    const agent = this.agent();
    const conversation = this.conversation();
    if (!agent || !conversation) return undefined;
    const { replyTimeoutMs: timeoutMs, metrics, session } = this.options;
    const { modelName: engine, tools, speakers, isNotice } = agent;
    const log = session.log.child({ turn: command.turn, reply: command.reply });
    return new ReplyRun({
      conversation,
      command,
      engine,
      tools,
      speakers,
      isNotice,
      timeoutMs,
      metrics,
      log,
      ...options,
    });
  }

  private onRunEnded(run: ReplyRun): void {
    if (this.run !== run) return;
    this.run = undefined;
    this.options.onEnded();
  }
}

/** What a tool has done stays done, whoever has the session then. */
function isToolsDoing(type: EventType): boolean {
  return type === 'tool.called' || type === 'tool.returned';
}
