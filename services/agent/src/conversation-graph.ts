import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import type { Runnable, RunnableConfig } from '@langchain/core/runnables';
import { concat } from '@langchain/core/utils/stream';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { EngineError, HANG_UP_TOOL, type AgentDefinition } from '@parley/ports';
import { z } from 'zod';
import { messagesOf, systemMessageOf } from './conversation-messages.js';
import type { ConversationRun } from './conversation-run.js';
import type { GraphCall, GraphTask } from './ready-graph.js';
import { callTool } from './conversation-tools.js';
import { fillWhileCalling } from './tool-filler.js';
import { returnedCallsOf, type Round, type RoundCall, type Turn } from './conversation-turns.js';

/** What the graph is made of. */
export interface GraphParts {
  agent: AgentDefinition;
  chatModel: BaseChatModel;
  maxToolRounds: number;
  toolTimeoutMs: number;
  toolGraceMs: number;
}

/** The compiled graph of one agent. */
export type ConversationGraph = ReturnType<typeof compileConversationGraph>;

/**
 * Compiles the graph of an agent: the model, its tools, and back until the model asks for none. It waits in its first
 * node until it is given a conversation, by the {@link GraphCall} in its configuration, and gives it back with the reply
 * in it. What fails or is interrupted is noted in the `ConversationRun` and ends the graph in good order, so that it
 * always gives back a conversation that can go on.
 * @throws {EngineError} `engine_settings` when the agent has tools and the model cannot call any
 */
export function compileConversationGraph(parts: GraphParts) {
  const state = Annotation.Root({
    turns: Annotation<Turn[]>,
    summary: Annotation<string>,
    agentState: Annotation<unknown>,
  });
  return new StateGraph(state)
    .addNode('model', modelNode(parts))
    .addNode('tools', toolsNode(parts))
    .addEdge(START, 'model')
    .addConditionalEdges('model', ({ turns }, config) => (isOver(config) || !callsOpen(turns) ? END : 'tools'), [
      'tools',
      END,
    ])
    .addConditionalEdges(
      'tools',
      ({ turns }, config) => (isOver(config) || isLastWord(turns, config) ? END : 'model'),
      ['model', END],
    )
    .compile({ name: parts.agent.name });
}

/** A conversation as the graph takes it and gives it back. */
export interface GraphState {
  turns: Turn[];
  /** Of what was said before those turns. */
  summary: string;
  agentState: unknown;
}

function modelNode({ agent, chatModel, maxToolRounds }: GraphParts) {
  const system = systemMessageOf(agent.instructions, Object.keys(agent.speakers ?? {}));
  const withTools = bindTools(agent, chatModel);
  return async (known: GraphState, config: RunnableConfig) => {
    const { task, isFirst } = await taskOf(config);
    if (!task) return {};
    const { run } = task;
    const { turns, summary, agentState } = isFirst ? task.state : known;
    const turn = lastOf(turns);
    const callable = turn.rounds.filter(({ calls }) => calls.length > 0).length < maxToolRounds;
    const round: Round = { text: '', calls: [] };
    try {
      const model = callable ? withTools : chatModel;
      const messages = messagesOf(system, turns, summary);
      await task.within(() => stream(model, messages, run, round, returnedCallsOf(turn).length));
      if (!run.hasAnswered && round.calls.length === 0 && !hasHungUp(turn))
        throw new EngineError('engine_protocol', 'the language model answered nothing', true);
    } catch (thrown) {
      round.calls = [];
      run.fail(thrown);
    }
    const progress: Turn = { ...turn, rounds: [...turn.rounds, round], interrupted: run.failure !== undefined };
    return { turns: [...turns.slice(0, -1), progress], summary, agentState };
  };
}

/** Streams one answer into `round`, passing its text on as it comes. */
async function stream(
  model: Runnable<BaseMessage[], BaseMessage>,
  messages: BaseMessage[],
  run: ConversationRun,
  round: Round,
  callsBefore: number,
): Promise<void> {
  let rest: AIMessageChunk | undefined;
  for await (const message of await model.stream(messages, { signal: run.signal })) {
    const chunk = message as AIMessageChunk;
    // The getter translates between providers' forms, whatever there is.
    const fresh = typeof chunk.content === 'string' ? chunk.content : chunk.text;
    if (fresh !== '') {
      const glued = round.text === '' && /\S$/.test(run.text) && /^\S/.test(fresh);
      const text = glued ? ` ${fresh}` : fresh;
      round.text += text;
      await run.token(text);
    }
    if (chunk.tool_call_chunks?.length || chunk.tool_calls?.length || chunk.usage_metadata)
      rest = rest ? concat(rest, chunk) : chunk;
  }
  run.signal.throwIfAborted();
  if (rest?.usage_metadata) run.addUsage(rest.usage_metadata.input_tokens, rest.usage_metadata.output_tokens);
  round.calls = callsIn(rest, run.reply, callsBefore);
}

/**
 * Calls are numbered within the reply, whatever the model calls them: one that is made again by a new owner has the
 * id that it had the first time.
 */
function callsIn(chunk: AIMessageChunk | undefined, reply: number, callsBefore: number): RoundCall[] {
  const calls: RoundCall[] = [];
  const nextId = () => `r${reply}c${callsBefore + calls.length + 1}`;
  for (const { name, args } of chunk?.tool_calls ?? []) calls.push({ callId: nextId(), tool: name, args });
  for (const { name, args } of chunk?.invalid_tool_calls ?? [])
    calls.push({ callId: nextId(), tool: name ?? '', args: {}, malformed: args ?? '' });
  return calls;
}

function toolsNode({ agent, toolTimeoutMs, toolGraceMs }: GraphParts) {
  return async ({ turns, agentState }: GraphState, config: RunnableConfig) => {
    const task = callOf(config).task as GraphTask<GraphState>;
    const { run } = task;
    const turn = lastOf(turns);
    const open = lastOf(turn.rounds);
    const made: RoundCall[] = [];
    let state = agentState;
    let { text } = open;
    let ordinal = returnedCallsOf(turn).length;
    // One after the other: each may change the state that the next one is given.
    for (const call of open.calls) {
      if (run.failure) break;
      const { callId, tool, args } = call;
      await run.emit({ type: 'tool_called', callId, tool, args });
      const startedMs = performance.now();
      const fillerSaid = fillWhileCalling(
        run,
        callId,
        agent.tools.find(({ name }) => name === tool),
      );
      const context = {
        isRecorded: await run.mayCall(callId),
        wasBegun: run.wasBegun(callId, tool),
        sessionId: run.sessionId,
        state,
        idempotencyKey: `${run.sessionId}:${run.reply}:${++ordinal}`,
        signal: run.signal,
        closing: run.closing,
        timeoutMs: toolTimeoutMs,
        graceMs: toolGraceMs,
      };
      const outcome = await task.within(() => callTool(agent.tools, call, context));
      text += fillerSaid();
      if (outcome.isAbandoned) break;
      if (outcome.state !== undefined) state = outcome.state;
      made.push({ callId, tool, args, ok: outcome.ok, result: outcome.result });
      await run.emit({ type: 'tool_returned', callId, tool, ...outcome, durationMs: performance.now() - startedMs });
    }
    const rounds = [...turn.rounds.slice(0, -1), { text, calls: made }];
    const progress: Turn = { ...turn, rounds, interrupted: run.failure !== undefined };
    return { turns: [...turns.slice(0, -1), progress], agentState: state };
  };
}

/** Binds the tools once, as JSON schema: the form that every vendor's adapter takes. */
function bindTools(agent: AgentDefinition, chatModel: BaseChatModel): Runnable<BaseMessage[], BaseMessage> {
  if (agent.tools.length === 0) return chatModel;
  if (!chatModel.bindTools) throw new EngineError('engine_settings', 'the language model cannot call tools', false);
  return chatModel.bindTools(
    agent.tools.map(({ name, description, args }) => {
      const { $schema: _, ...parameters } = z.toJSONSchema(args, { io: 'input' });
      return { type: 'function', function: { name, description, parameters } };
    }),
  );
}

function callOf(config: RunnableConfig): GraphCall<GraphState> {
  return config.configurable?.call as GraphCall<GraphState>;
}

/** Waits for what there is to be made; `isFirst` when the graph has not done anything of it. */
async function taskOf(config: RunnableConfig) {
  const call = callOf(config);
  const isFirst = call.task === undefined;
  const task = (call.task ??= await call.asked);
  return { task, isFirst };
}

/** There is nothing to be made, or it has failed. */
function isOver(config: RunnableConfig): boolean {
  const { task } = callOf(config);
  return !task || task.run.failure !== undefined;
}

function hasHungUp(turn: Turn): boolean {
  return returnedCallsOf(turn).some(({ tool, ok }) => tool === HANG_UP_TOOL && ok);
}

/** The agent has hung up, and said something before: it is not asked for another goodbye. */
function isLastWord(turns: readonly Turn[], config: RunnableConfig): boolean {
  return callOf(config).task?.run.hasAnswered === true && hasHungUp(lastOf(turns));
}

function callsOpen(turns: readonly Turn[]): boolean {
  return lastOf(lastOf(turns).rounds).calls.some(({ ok }) => ok === undefined);
}

function lastOf<T>(list: readonly T[]): T {
  const last = list.at(-1);
  if (last === undefined) throw new RangeError('the list is empty');
  return last;
}
