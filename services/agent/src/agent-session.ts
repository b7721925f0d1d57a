import type { EventType, ParleyEvent, Payload, SessionPolicy } from '@parley/contracts';
import type { DeliveryContext } from '@parley/bus';
import type { AgentBehaviour } from '@parley/ports';
import type { CloseReason, OwnedSession, StageSession } from '@parley/stage-kit';
import { errorOf, runWithTraceparent } from '@parley/telemetry';
import type { AgentMetrics } from './agent-metrics.js';
import type { BegunCall } from './conversation-run.js';
import type { Conversation, ConversationEngine } from './conversation.js';
import { conversationHistory } from './history.js';
import { HeldOutput } from './held-output.js';
import { Preemption } from './preemptive-reply.js';
import { ReplyRun, type PublishedText, type ReplyOutput, type ReplyRunOptions } from './reply-run.js';
import { writeScripted } from './scripted-reply.js';
import {
  decideOccasion,
  decideTurn,
  foldTurn,
  initialTurnState,
  speaks,
  timePassed,
  type HistoryTurn,
  type SayCommand,
  type TurnCommand,
  type TurnState,
} from '@parley/session-log';

/** An agent as it can be spoken with. */
export interface SpeakingAgent {
  engine: ConversationEngine;
  modelName: string;
  /** Names of its tools. */
  tools: ReadonlySet<string>;
  policy: SessionPolicy;
  /** Its model may begin before the turn is over. */
  preemptive: boolean;
  /** Names of those who may speak beside it. */
  speakers: readonly string[];
  /** Which sentences cannot be interrupted. */
  isNotice: (sentence: string) => boolean;
  behaviour: AgentBehaviour;
}

/** What a session of the agent stage works with. */
export interface AgentSessionOptions {
  /** @throws {AgentError} `unknown_agent` */
  agent(name: string): SpeakingAgent;
  replyTimeoutMs: number;
  metrics: AgentMetrics;
}

/** One conversation: folds the session's events, does what the fold decides, and writes replies. */
export class AgentSession implements StageSession {
  private state: TurnState = initialTurnState();
  private agent: SpeakingAgent | undefined;
  private conversation: Conversation | undefined;
  private run: ReplyRun | undefined;
  private readonly preemption: Preemption;
  private traceparent: string | undefined;
  /** What the time is measured for that speech during a reply takes. */
  private waiting: { utterance: number; forWhat: string; timer: NodeJS.Timeout } | undefined;
  private live = false;
  private closed = false;
  /** Another owner goes on with what is written until the session is closed here. */
  private handingOver = false;
  /** Every reply that was begun has come to its end. */
  private runsEnded: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: OwnedSession,
    private readonly options: AgentSessionOptions,
  ) {
    this.preemption = new Preemption(options.metrics);
  }

  /** The fold of the session's log so far. */
  get turnState(): TurnState {
    return this.state;
  }

  /** @throws {AgentError} `unknown_agent` when it is the session's opening; the session then does nothing */
  onEvent(event: ParleyEvent, context: DeliveryContext): void {
    if (this.closed || (event.stage === 'agent' && event.epoch === this.session.epoch)) return;
    const wasCut = event.type === 'playout.ended' && this.turnOf(event.reply)?.interrupted;
    this.state = foldTurn(this.state, event);
    if (event.type === 'turn.ended' || event.type === 'session.text') this.traceparent = context.traceparent;
    if (event.type === 'transcript.final') this.preemption.heard(event.text);
    if (event.type === 'turn.ended') this.preemption.turnEnded();
    const isCut = wasCut || (event.type === 'playout.ended' && event.outcome !== 'completed' && !event.shown);
    if (event.type === 'playout.ended' && isCut) this.correctHistory(event.reply);
    if (!this.live) return;
    if (event.type === 'session.opened') this.openConversation();
    this.act();
    if (event.type === 'transcript.final') this.preempt();
  }

  /**
   * The log has been read: opens the conversation from it and finishes what a predecessor left.
   * @throws {AgentError} `unknown_agent`; the session then does nothing
   */
  onLive(): void {
    this.live = true;
    if (this.state.phase === 'opening' || this.state.phase === 'ended') return;
    this.openConversation();
    this.act();
    if (!this.run) this.finishPredecessorsReply();
  }

  isBusy(): boolean {
    return this.run !== undefined;
  }

  stateAtRest(): unknown {
    return this.run || !this.live ? undefined : stateAtRest(this.state);
  }

  /** A tool that ends while the session is handed over is told of, so that the next owner does not call it again. */
  async close(reason: CloseReason): Promise<void> {
    this.closed = true;
    clearTimeout(this.waiting?.timer);
    this.preemption.discard();
    this.handingOver = reason === 'drained';
    if (this.handingOver) this.run?.handOver();
    else this.run?.stop();
    await this.conversation?.close();
    await this.runsEnded;
  }

  private act(): void {
    runWithTraceparent(this.traceparent, () => this.followState());
  }

  private followState(): void {
    for (let command = this.decide(); command; command = this.decide()) {
      if (command.type === 'wait') return this.wait(command);
      if (command.type === 'interrupt') this.interrupt(command);
      else if (command.type === 'keep') this.keep(command);
      else if (command.type === 'say') this.say(command);
      else this.start(command);
    }
  }

  private decide(): TurnCommand | SayCommand | undefined {
    if (this.closed || !this.agent || !this.conversation) return undefined;
    return decideOccasion(this.state, this.agent.behaviour) ?? decideTurn(this.state);
  }

  /** What is waited for may come before; then the next decision says so. */
  private wait(command: Extract<TurnCommand, { type: 'wait' }>): void {
    const { utterance, forWhat, ms } = command;
    if (this.waiting?.utterance === utterance && this.waiting.forWhat === forWhat) return;
    clearTimeout(this.waiting?.timer);
    const timer = setTimeout(() => {
      this.state = timePassed(this.state, command);
      this.act();
    }, ms);
    this.waiting = { utterance, forWhat, timer };
  }

  private keep({ reply, cause, utterance, unanswered }: Extract<TurnCommand, { type: 'keep' }>): void {
    this.options.metrics.kept.inc({ reason: cause });
    void this.emit('reply.kept', { reply, cause, utterance, unanswered });
  }

  private interrupt({ reply, cause }: Extract<TurnCommand, { type: 'interrupt' }>): void {
    this.run?.interrupt();
    this.run = undefined;
    this.options.metrics.interruptions.inc({ reason: cause });
    void this.emit('reply.interrupted', { reply, cause, sentences: this.turnOf(reply)?.sentences.length ?? 0 });
    this.correctHistory(reply);
  }

  private say(command: SayCommand, published?: number): void {
    const { reply, turn, occasion, script } = command;
    const { agent } = this;
    if (!agent) return;
    if (published === undefined) {
      this.options.metrics.occasions.inc({ kind: occasion });
      const shown = !speaks(this.state);
      void this.emit('reply.started', { reply, turn, userText: '', answers: [], occasion, script, shown });
    }
    this.conversation?.said(reply, script);
    writeScripted(
      command,
      this.output(() => true),
      agent,
      published,
    );
  }

  private start(command: Extract<TurnCommand, { type: 'start' }>): void {
    const { reply, turn, userText, answers } = command;
    void this.emit('reply.started', { reply, turn, userText, answers, shown: !speaks(this.state) });
    const early = this.preemption.claim(command);
    if (!early) return this.runReply(command);
    early.run.turnEnded();
    this.run = early.run;
    early.output.release();
    void early.ended.then(() => this.onRunEnded(early.run));
  }

  /** All that was said has been understood, and the turn may be over with it: the model begins. */
  private preempt(): void {
    const { userText } = this.preemption;
    const { reply, turn, active, open, phase } = this.state;
    const isQuiet = !active && open.length === 0 && phase === 'listening' && !this.run;
    if (!this.agent?.preemptive || !isQuiet || !userText || this.preemption.isMaking(userText)) return;
    this.preemption.discard();
    const command = { type: 'start', reply: reply + 1, turn: turn + 1, userText, answers: [] } as const;
    const output = new HeldOutput(this.output(() => this.run === run));
    const run: ReplyRun | undefined = this.newRun({ ...command, answers: [] }, { output, isEarly: true });
    if (!run) return;
    const ended = run.run();
    this.preemption.begin({ ...command, run, output, ended });
    this.runsEnded = this.runsEnded.then(() => ended);
  }

  private runReply(
    command: Extract<TurnCommand, { type: 'start' }>,
    before?: { published: PublishedText; begunCalls: BegunCall[] },
  ): void {
    const run: ReplyRun | undefined = this.newRun(command, { output: this.output(() => this.run === run), ...before });
    if (!run) return;
    this.run = run;
    const ended = runWithTraceparent(this.traceparent, () => run.run().then(() => this.onRunEnded(run)));
    this.runsEnded = this.runsEnded.then(() => ended);
  }

  private newRun(
    command: Extract<TurnCommand, { type: 'start' }>,
    options: Pick<ReplyRunOptions, 'output' | 'published' | 'begunCalls' | 'isEarly'>,
  ): ReplyRun | undefined {
    const { agent, conversation } = this;
    if (!agent || !conversation) return undefined;
    return new ReplyRun({
      conversation,
      command,
      engine: agent.modelName,
      tools: agent.tools,
      speakers: agent.speakers,
      isNotice: agent.isNotice,
      timeoutMs: this.options.replyTimeoutMs,
      metrics: this.options.metrics,
      log: this.session.log.child({ turn: command.turn, reply: command.reply }),
      ...options,
    });
  }

  /** Where replies are written, for as long as the session is here; text for clients only of what has the floor. */
  private output(isShown: () => boolean): ReplyOutput {
    return {
      emit: (type, payload) => {
        const isWritten = !this.closed || (this.handingOver && isToolsDoing(type));
        return isWritten ? this.emit(type, payload) : Promise.resolve(false);
      },
      text: (reply, text, speaker) => {
        if (isShown()) this.session.writer.text(reply, text, speaker);
      },
    };
  }

  private onRunEnded(run: ReplyRun): void {
    if (this.run !== run) return;
    this.run = undefined;
    this.act();
  }

  /**
   * A predecessor's reply whose text is not complete is made again under the same number: tools that have returned
   * are not called again, and sentences that were published are not published again.
   */
  private finishPredecessorsReply(): void {
    const { active, turn: turnOrdinal } = this.state;
    const turn = active && this.turnOf(active.reply);
    if (!turn || active.textDone) return;
    const { reply, userText, occasion, script, sentences, sentencesBeforeTool: before } = turn;
    if (occasion && script !== undefined) {
      this.say({ type: 'say', occasion, reply, turn: turnOrdinal, script }, sentences.length);
      return this.act();
    }
    const begunCalls = turn.toolCalls.filter(({ returned }) => !returned);
    this.session.log.info({ reply }, 'finishing the reply of the owner before');
    this.runReply(
      { type: 'start', reply, turn: turnOrdinal, userText, answers: [] },
      { published: { sentences, before }, begunCalls },
    );
  }

  private openConversation(): void {
    this.agent = this.options.agent(this.state.agent);
    if (!this.state.policy) void this.emit('session.policy', this.agent.policy);
    this.conversation = this.agent.engine.open(this.session.sessionId, conversationHistory(this.state));
  }

  private correctHistory(reply: number): void {
    const turn = this.turnOf(reply);
    if (turn) this.conversation?.amendReply(reply, turn.replyText);
  }

  private turnOf(reply: number): HistoryTurn | undefined {
    return this.state.history.find((turn) => turn.reply === reply);
  }

  /** @returns whether it was stored */
  private emit<T extends EventType>(type: T, payload: Payload<T>): Promise<boolean> {
    const { writer, sessionId, epoch, log } = this.session;
    // Folded at once and not when it comes back: the next decision must see it.
    const folded = {
      type,
      sessionId,
      epoch,
      stage: 'agent',
      id: '',
      seq: 1,
      at: 1,
      ...payload,
    } as unknown as ParleyEvent;
    this.state = foldTurn(this.state, folded);
    return writer.publish(type, payload).then(
      () => true,
      (error: unknown) => {
        log.limited('publish', 'warn', errorOf(error), 'an event was not stored');
        return false;
      },
    );
  }
}

/** What of the state a new owner must find the same; undefined while a reply is being made or played. */
export function stateAtRest(state: TurnState): unknown {
  const { phase, agent, mode, policy, turn, reply, toolState, history } = state;
  if (phase !== 'listening' || state.open.length > 0) return undefined;
  return {
    ...{ agent, mode, policy, turn, reply, toolState },
    history: history.map(({ heard: _, ...known }) => known),
  };
}

/** What a tool has done stays done, whoever has the session then. */
function isToolsDoing(type: EventType): boolean {
  return type === 'tool.called' || type === 'tool.returned';
}
