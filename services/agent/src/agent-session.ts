import type { EventType, ParleyEvent, Payload } from '@parley/contracts';
import type { DeliveryContext } from '@parley/bus';
import type { CloseReason, OwnedSession, StageSession } from '@parley/stage-kit';
import { errorOf, runWithTraceparent } from '@parley/telemetry';
import type { AgentMetrics } from './agent-metrics.js';
import type { BegunCall } from './conversation-run.js';
import type { Conversation, ConversationEngine } from './conversation.js';
import { conversationHistory } from './history.js';
import { ReplyRun, type PublishedText } from './reply-run.js';
import {
  decideTurn,
  foldTurn,
  initialTurnState,
  type HistoryTurn,
  type TurnCommand,
  type TurnState,
} from '@parley/session-log';

/** An agent as it can be spoken with. */
export interface SpeakingAgent {
  engine: ConversationEngine;
  modelName: string;
  /** Names of its tools. */
  tools: ReadonlySet<string>;
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
  private traceparent: string | undefined;
  private live = false;
  private closed = false;
  /** Another owner goes on with what is written until the session is closed here. */
  private handingOver = false;
  /** Every reply that was begun has come to its end. */
  private runsEnded: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: OwnedSession,
    private readonly options: AgentSessionOptions,
  ) {}

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
    if (event.type === 'playout.ended' && (wasCut || event.outcome !== 'completed')) this.correctHistory(event.reply);
    if (!this.live) return;
    if (event.type === 'session.opened') this.openConversation();
    this.act();
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
    this.handingOver = reason === 'drained';
    if (this.handingOver) this.run?.handOver();
    else this.run?.interrupt();
    await this.conversation?.close();
    await this.runsEnded;
  }

  private act(): void {
    runWithTraceparent(this.traceparent, () => this.followState());
  }

  private followState(): void {
    for (let command = decideTurn(this.state); command; command = decideTurn(this.state)) {
      if (this.closed || !this.conversation) return;
      if (command.type === 'interrupt') this.interrupt(command);
      else this.start(command);
    }
  }

  private interrupt({ reply, cause }: Extract<TurnCommand, { type: 'interrupt' }>): void {
    this.run?.interrupt();
    this.run = undefined;
    this.options.metrics.interruptions.inc({ reason: cause });
    void this.emit('reply.interrupted', { reply, cause, sentences: this.turnOf(reply)?.sentences.length ?? 0 });
    this.correctHistory(reply);
  }

  private start(command: Extract<TurnCommand, { type: 'start' }>): void {
    const { reply, turn, userText, answers } = command;
    void this.emit('reply.started', { reply, turn, userText, answers });
    this.runReply(command);
  }

  private runReply(
    command: Extract<TurnCommand, { type: 'start' }>,
    before?: { published: PublishedText; begunCalls: BegunCall[] },
  ): void {
    const { agent, conversation } = this;
    if (!agent || !conversation) return;
    const run = new ReplyRun({
      conversation,
      command,
      engine: agent.modelName,
      tools: agent.tools,
      timeoutMs: this.options.replyTimeoutMs,
      metrics: this.options.metrics,
      log: this.session.log.child({ turn: command.turn, reply: command.reply }),
      ...before,
      output: {
        emit: (type, payload) => {
          const isWritten = !this.closed || (this.handingOver && isToolsDoing(type));
          return isWritten ? this.emit(type, payload) : Promise.resolve(false);
        },
        text: (reply, text) => {
          if (this.run === run) this.session.writer.text(reply, text);
        },
      },
    });
    this.run = run;
    const ended = runWithTraceparent(this.traceparent, () => run.run().then(() => this.onRunEnded(run)));
    this.runsEnded = this.runsEnded.then(() => ended);
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
    const { reply, userText, sentences, sentencesBeforeTool: before } = turn;
    const begunCalls = turn.toolCalls.filter(({ returned }) => !returned);
    this.session.log.info({ reply }, 'finishing the reply of the owner before');
    this.runReply(
      { type: 'start', reply, turn: turnOrdinal, userText, answers: [] },
      { published: { sentences, before }, begunCalls },
    );
  }

  private openConversation(): void {
    this.agent = this.options.agent(this.state.agent);
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
  const { phase, agent, mode, turn, reply, toolState, history } = state;
  if (phase !== 'listening' || state.open.length > 0) return undefined;
  return {
    ...{ agent, mode, turn, reply, toolState },
    history: history.map(({ heard: _, ...known }) => known),
  };
}

/** What a tool has done stays done, whoever has the session then. */
function isToolsDoing(type: EventType): boolean {
  return type === 'tool.called' || type === 'tool.returned';
}
