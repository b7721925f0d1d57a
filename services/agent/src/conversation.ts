import { EngineError, type AgentDefinition, type LanguageModel, type LanguageModelSettings } from '@parley/ports';
import { ConversationError } from './conversation-error.js';
import { compileConversationGraph, type ConversationGraph, type GraphState } from './conversation-graph.js';
import { ConversationRun, type BegunCall, type ReplyPart } from './conversation-run.js';
import { ReadyGraph, type GraphCall } from './ready-graph.js';
import {
  foldTurns,
  historyTurnFrom,
  type ConversationHistory,
  type HistoryTurn,
  type TurnsChange,
} from './conversation-turns.js';

/** Settings of {@link ConversationEngine}. */
export interface ConversationEngineOptions {
  agent: AgentDefinition;
  model: LanguageModel;
  settings?: LanguageModelSettings;
  /** How often the model may call tools in one reply; then it must speak. @defaultValue 8 */
  maxToolRounds?: number;
  /** How many turns are kept and sent to the model; older ones are dropped whole. @defaultValue 50 */
  maxTurns?: number;
  /** How long a tool may take. @defaultValue 10000 */
  toolTimeoutMs?: number;
  /** How long an interrupted reply still waits for a running tool. @defaultValue 1000 */
  toolGraceMs?: number;
}

/** What is answered. */
export interface ReplyRequest {
  /** Ordinal of the reply in the session. The last one's number again makes that reply anew, keeping its tool calls. */
  reply: number;
  userText: string;
  /** Stops the reply: the model at once, a running tool after a short grace. */
  signal: AbortSignal;
  /** How long the whole reply may take. @defaultValue 60000 */
  deadlineMs?: number;
  /** Asked before each tool call, after its `tool_called` was yielded: the call is made when it resolves to true. */
  beforeTool?(callId: string): Promise<boolean>;
  /** Calls of this reply that an earlier owner began and of which nobody knows what became. */
  begunCalls?: readonly BegunCall[];
}

/** One agent's conversations: one per replica and agent, its graph compiled once. */
export class ConversationEngine {
  private readonly graph: ConversationGraph;
  private readonly maxTurns: number;
  private readonly initialState: unknown;
  private readonly recursionLimit: number;

  /** @throws {EngineError} `engine_settings` */
  constructor(options: ConversationEngineOptions) {
    const { agent, model, settings = {}, maxToolRounds = 8, maxTurns = 50 } = options;
    this.maxTurns = maxTurns;
    this.initialState = agent.initialState;
    this.graph = compileConversationGraph({
      agent,
      chatModel: model.createChatModel(settings),
      maxToolRounds,
      toolTimeoutMs: options.toolTimeoutMs ?? 10_000,
      toolGraceMs: options.toolGraceMs ?? 1_000,
    });
    this.recursionLimit = 2 * maxToolRounds + 4;
  }

  /** Begins a conversation, or continues one from its log. It must be closed in the end. */
  open(sessionId: string, history?: ConversationHistory): Conversation {
    const { graph, recursionLimit, maxTurns, initialState } = this;
    return new Conversation(sessionId, history, {
      maxTurns,
      // Each session its own, whatever tools do with it.
      initialState: structuredClone(initialState),
      start: (call) => graph.invoke(NOTHING_YET, { configurable: { call }, recursionLimit }),
    });
  }
}

/** What a conversation is made with. */
interface ConversationParts {
  readonly maxTurns: number;
  readonly initialState: unknown;
  /** Starts the graph, which makes a reply to the last turn once it is asked for. @returns the conversation with it */
  start(call: GraphCall<GraphState>): Promise<GraphState>;
}

/** What a graph begins with that waits for the conversation. */
const NOTHING_YET: GraphState = { turns: [], summary: '', agentState: undefined };
/** How long after a reply the graph of the next one is started: other sessions come first. */
const GET_READY_MS = 200;

/** One session's conversation. The graph takes it as it stands with each reply, and gives it back with the reply in it. */
export class Conversation {
  private lastReply = 0;
  private state: GraphState;
  /** What came while a reply was being made, and is not in the state. */
  private pending: TurnsChange[] = [];
  private current: ConversationRun | undefined;
  private settled: Promise<void> = Promise.resolve();
  private closed = false;
  /** The graph that makes the next reply, if there has been time to start it. */
  private graph: ReadyGraph<GraphState> | undefined;
  private gettingReady: NodeJS.Timeout | undefined;

  /** @internal Made by {@link ConversationEngine.open}. */
  constructor(
    private readonly sessionId: string,
    history: ConversationHistory | undefined,
    private readonly parts: ConversationParts,
  ) {
    const { turns = [], summary = '', state = parts.initialState } = history ?? {};
    this.state = { turns: foldTurns([], [{ type: 'restored', turns }], parts.maxTurns), summary, agentState: state };
    this.lastReply = Math.max(0, ...this.state.turns.map(({ reply }) => reply));
    this.getReady();
  }

  /**
   * Makes a reply, and yields its parts as they come. Work begins with the first `next()`; a reply that was aborted
   * before is waited for. Leaving the loop aborts the reply; to see the results of tools that were running, abort by
   * the signal and read on until it throws. Whatever happens, the history stays one that the model can go on from.
   * @throws {ConversationError} `conversation_busy`, `conversation_closed`, `conversation_input`
   * @throws {EngineError} `engine_aborted` when the signal was, `engine_timeout` after the deadline (or a signal of
   * `AbortSignal.timeout`), or the model's own
   */
  async *reply(request: ReplyRequest): AsyncGenerator<ReplyPart, void, undefined> {
    const { reply, userText } = request;
    this.assertCanBegin(reply, userText);
    this.lastReply = reply;
    const run = new ConversationRun(this.sessionId, request);
    this.current = run;
    const settled = this.settled.then(() => this.make(run, { type: 'begun', reply, userText }));
    this.settled = settled;
    try {
      yield* run.parts();
      await settled;
      if (run.failure) throw run.failure;
      yield { type: 'done', text: run.text, ttftMs: run.ttftMs, usage: run.usage };
    } finally {
      run.abort(new EngineError('engine_aborted', 'nobody reads the reply', false));
      await settled;
    }
  }

  /**
   * Notes something the agent said that no model makes, a greeting for one. Seen by the model from the next reply on.
   * @param userText what it answers, if anything
   * @throws {ConversationError} `conversation_closed`
   */
  said(reply: number, text: string, userText = ''): void {
    this.assertOpen();
    this.lastReply = Math.max(this.lastReply, reply);
    this.pending.push({ type: 'said', reply, userText, text });
  }

  /**
   * Makes a reply what the caller heard of it, and marks it as cut off. Its tool calls stay: they happened. At any
   * time; seen by the model from the next reply on. The last word on a reply counts. Changes nothing when all of the
   * reply was heard, or when it is too long ago to be remembered.
   * @throws {ConversationError} `conversation_closed`
   */
  amendReply(reply: number, heardText: string): void {
    this.assertOpen();
    this.pending = this.pending.filter((change) => change.type !== 'heard' || change.reply !== reply);
    this.pending.push({ type: 'heard', reply, text: heardText });
  }

  /**
   * Puts a summary in the place of the turns up to a reply. Seen by the model from the next reply on.
   * @throws {ConversationError} `conversation_closed`
   */
  summarised(through: number, text: string): void {
    this.assertOpen();
    this.state = { ...this.state, summary: text };
    this.pending.push({ type: 'summarised', through });
  }

  /** The conversation as it stands, once a reply being made has settled: what `open` would rebuild it from. */
  async snapshot(): Promise<{ turns: HistoryTurn[]; state: unknown }> {
    this.assertOpen();
    await this.settled;
    const turns = foldTurns(this.state.turns, this.pending, this.parts.maxTurns);
    return { turns: turns.map(historyTurnFrom), state: this.state.agentState };
  }

  /** Ends the conversation; a reply being made is aborted. May be called twice. */
  async close(): Promise<void> {
    this.closed = true;
    this.current?.abandon(new EngineError('engine_closed', 'the conversation was closed', false));
    await this.settled;
    clearTimeout(this.gettingReady);
    this.graph?.drop();
  }

  /** Runs the graph to its end. Never rejects: what goes wrong is the run's failure. */
  private async make(run: ConversationRun, begun: TurnsChange): Promise<void> {
    const changes = this.pending;
    this.pending = [];
    try {
      const turns = foldTurns(this.state.turns, [...changes, begun], this.parts.maxTurns);
      const graph = this.graph ?? this.newGraph();
      this.graph = undefined;
      const { turns: made, agentState } = await graph.make({ ...this.state, turns }, run);
      // The summary may be a newer one by now.
      this.state = { ...this.state, turns: made, agentState };
    } catch (thrown) {
      this.pending = [...changes, ...this.pending];
      run.fail(thrown);
    } finally {
      run.end();
      if (this.current === run) this.current = undefined;
      this.getReady();
    }
  }

  private getReady(): void {
    clearTimeout(this.gettingReady);
    this.gettingReady = setTimeout(() => {
      if (!this.closed && !this.current) this.graph ??= this.newGraph();
    }, GET_READY_MS).unref();
  }

  private newGraph(): ReadyGraph<GraphState> {
    return new ReadyGraph((call) => this.parts.start(call));
  }

  private assertCanBegin(reply: number, userText: string): void {
    this.assertOpen();
    if (this.current && !this.current.failure)
      throw new ConversationError('conversation_busy', 'a reply is being made: abort it first');
    if (userText.trim() === '') throw new ConversationError('conversation_input', 'there is nothing to answer');
    if (!Number.isInteger(reply) || reply < 1 || reply < this.lastReply)
      throw new ConversationError('conversation_input', `reply ${reply} cannot follow reply ${this.lastReply}`);
  }

  private assertOpen(): void {
    if (this.closed) throw new ConversationError('conversation_closed', 'the conversation is closed');
  }
}
