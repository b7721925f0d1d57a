import type { EventType, ParleyEvent, Payload } from '@parley/contracts';
import type { DeliveryContext } from '@parley/bus';
import { publishOrLog, type CloseReason, type OwnedSession, type StageSession } from '@parley/stage-kit';
import { runWithTraceparent } from '@parley/telemetry';
import type { AgentMetrics } from './agent-metrics.js';
import { Alarms } from './alarms.js';
import type { Conversation } from './conversation.js';
import { conversationHistory } from './history.js';
import { heardCorrection } from './heard-correction.js';
import { MemoryKeeper } from './memory-keeper.js';
import { Replies } from './replies.js';
import type { ReplyOutput } from './reply-run.js';
import { writeScripted } from './scripted-reply.js';
import type { SpeakingAgent } from './speaking-agent.js';
import { stateAtRest } from './state-at-rest.js';
import { unfinishedReply } from './unfinished-reply.js';
import type { WallClock } from './wall-clock.js';
import {
  decideNext,
  foldTurn,
  initialTurnState,
  speaks,
  timePassed,
  turnOf,
  type AnsweredCommand,
  type NextCommand,
  type SayCommand,
  type StartCommand,
  type TurnCommand,
  type TurnState,
  type WaitCommand,
} from '@parley/session-log';

/** What a session of the agent stage works with. */
export interface AgentSessionOptions {
  /** @throws {AgentError} `unknown_agent` */
  agent(name: string): SpeakingAgent;
  replyTimeoutMs: number;
  metrics: AgentMetrics;
  clock: WallClock;
}

/** One conversation: folds the session's events, does what the fold decides, and writes replies. */
export class AgentSession implements StageSession {
  private state: TurnState = initialTurnState();
  private agent: SpeakingAgent | undefined;
  private conversation: Conversation | undefined;
  private readonly replies: Replies;
  private traceparent: string | undefined;
  private readonly alarms: Alarms;
  private memory: MemoryKeeper | undefined;
  private live = false;
  private closed = false;

  constructor(
    private readonly session: OwnedSession,
    private readonly options: AgentSessionOptions,
  ) {
    const emit: ReplyOutput['emit'] = (type, payload) => this.emit(type, payload);
    const onEnded = () => this.act();
    const parts = { ...options, session, emit, onEnded };
    this.replies = new Replies(
      () => this.agent,
      () => this.conversation,
      parts,
    );
    this.alarms = new Alarms(options.clock);
  }

  /** The fold of the session's log so far. */
  get turnState(): TurnState {
    return this.state;
  }

  /** @throws {AgentError} `unknown_agent` when it is the session's opening; the session then does nothing */
  onEvent(event: ParleyEvent, context: DeliveryContext): void {
    if (this.closed || (event.stage === 'agent' && event.epoch === this.session.epoch)) return;
    const before = this.state;
    this.state = foldTurn(this.state, event);
    if (event.type === 'turn.ended' || event.type === 'session.text') this.traceparent = context.traceparent;
    if (event.type === 'transcript.final') this.replies.early.heard(event.text);
    if (event.type === 'turn.ended') this.replies.early.turnEnded();
    const corrected = heardCorrection(before, this.state, event);
    if (corrected) this.conversation?.amendReply(corrected.reply, corrected.replyText);
    if (corrected && event.type === 'synthesis.words') this.options.metrics.lateWords.inc();
    if (!this.live) return;
    if (event.type === 'session.opened') this.openConversation();
    this.act();
    if (event.type === 'transcript.final') this.replies.preempt(this.state);
    if (event.type === 'transcript.interim' && this.agent?.preemptive) {
      this.replies.early.hears(event, () => this.replies.preempt(this.state));
    }
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
    if (!this.replies.isMaking) this.finishPredecessorsReply();
  }

  isBusy(): boolean {
    return this.replies.isMaking;
  }

  stateAtRest(): unknown {
    return this.replies.isMaking || !this.live ? undefined : stateAtRest(this.state);
  }

  /** A tool that ends while the session is handed over is told of, so that the next owner does not call it again. */
  async close(reason: CloseReason): Promise<void> {
    this.closed = true;
    this.alarms.close();
    this.memory?.close();
    this.replies.close(reason === 'drained');
    await this.conversation?.close();
    await this.replies.ended();
  }

  private act(): void {
    runWithTraceparent(this.traceparent, () => this.followState());
  }

  private followState(): void {
    this.alarms.stir();
    for (let command = this.decide(); command; command = this.decide()) {
      if (command.type === 'wait') return this.wait(command);
      if (command.type === 'rest') {
        this.alarms.rest(command, () => this.act());
        break;
      }
      if (command.type === 'interrupt') this.interrupt(command);
      else if (command.type === 'keep') this.keep(command);
      else if (command.type === 'say') this.say(command);
      else if (command.type === 'answered') this.noteAnswered(command);
      else this.start(command);
    }
    if (!this.replies.isMaking) this.memory?.consider(this.state);
  }

  private decide(): NextCommand | undefined {
    if (this.closed || !this.agent || !this.conversation) return undefined;
    return decideNext(this.state, this.agent.behaviour, this.options.clock.nowMs());
  }

  private wait(command: WaitCommand): void {
    this.alarms.wait(command, () => {
      this.state = timePassed(this.state, command);
      this.act();
    });
  }

  private keep({ reply, cause, utterance, unanswered }: Extract<TurnCommand, { type: 'keep' }>): void {
    this.options.metrics.kept.inc({ reason: cause });
    void this.emit('reply.kept', { reply, cause, utterance, unanswered });
  }

  private interrupt({ reply, cause }: Extract<TurnCommand, { type: 'interrupt' }>): void {
    this.replies.interrupt();
    this.options.metrics.interruptions.inc({ reason: cause });
    void this.emit('reply.interrupted', { reply, cause, sentences: turnOf(this.state, reply)?.sentences.length ?? 0 });
    this.correctHistory(reply);
  }

  private noteAnswered({ by }: AnsweredCommand): void {
    this.options.metrics.answered.inc({ kind: by });
    void this.emit('session.answered', { by });
  }

  private say(command: SayCommand, published?: number): void {
    const { reply, turn, occasion, script, userText, answers } = command;
    const { agent } = this;
    if (!agent) return;
    if (published === undefined) {
      this.options.metrics.occasions.inc({ kind: occasion });
      const shown = !speaks(this.state);
      void this.emit('reply.started', { reply, turn, userText, answers, occasion, script, shown });
    }
    if (script) this.conversation?.said(reply, script, userText);
    writeScripted(
      command,
      this.replies.output(() => true),
      agent,
      published,
    );
  }

  private start(command: StartCommand): void {
    const { reply, turn, userText, answers } = command;
    void this.emit('reply.started', { reply, turn, userText, answers, shown: !speaks(this.state) });
    this.replies.begin(command);
  }

  private finishPredecessorsReply(): void {
    if (!this.agent) return;
    const unfinished = unfinishedReply(this.state, this.agent.behaviour, this.options.clock.nowMs());
    if (!unfinished) return;
    this.session.log.info({ reply: unfinished.command.reply }, 'finishing the reply of the owner before');
    if ('begun' in unfinished) {
      const { command, begun } = unfinished;
      return runWithTraceparent(this.traceparent, () => this.replies.make(command, begun));
    }
    this.say(unfinished.command, unfinished.sentences);
    this.act();
  }

  private openConversation(): void {
    this.agent = this.options.agent(this.state.agent);
    if (!this.state.policy) void this.emit('session.policy', this.agent.policy);
    this.conversation = this.agent.engine.open(this.session.sessionId, conversationHistory(this.state));
    this.memory = new MemoryKeeper({
      model: this.agent.summariser,
      historyTokens: this.agent.behaviour.historyTokens,
      timeoutMs: this.options.replyTimeoutMs,
      metrics: this.options.metrics,
      log: this.session.log,
      remember: (through, text) => {
        void this.emit('history.summarised', { through, text });
        this.conversation?.summarised(through, text);
      },
    });
  }

  private correctHistory(reply: number): void {
    const turn = turnOf(this.state, reply);
    if (turn) this.conversation?.amendReply(reply, turn.replyText);
  }

  /** @returns whether it was stored */
  private emit<T extends EventType>(type: T, payload: Payload<T>): Promise<boolean> {
    const { sessionId, epoch } = this.session;
    const at = this.options.clock.nowMs();
    // Folded at once and not when it comes back: the next decision must see it.
    const folded = { type, sessionId, epoch, stage: 'agent', id: '', seq: 1, at, ...payload };
    this.state = foldTurn(this.state, folded as unknown as ParleyEvent);
    return publishOrLog(this.session, type, payload);
  }
}
