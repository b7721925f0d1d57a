import type { z } from 'zod';

/** What a tool is given beside its arguments. */
export interface ToolContext<State> {
  sessionId: string;
  /** The agent's state in this session, as the last tool left it. Do not change it; return a new one. */
  state: State;
  /** The same for the same call however often it is retried; give it to whatever the tool writes to. */
  idempotencyKey: string;
  /** Aborted when the reply is interrupted or the session is lost. */
  signal: AbortSignal;
}

/** What a tool answers. */
export interface ToolResult<State> {
  /** Told to the model and shown to the client; plain JSON. */
  result: unknown;
  /** The new state; absent leaves the old one. Plain JSON: it is kept in the session's log. */
  state?: State;
}

/** Something the agent can do. */
export interface ToolDefinition<State, Args extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** For the model: what it does and when to use it. */
  readonly description: string;
  readonly args: Args;
  /**
   * Doing it again with the same `idempotencyKey` does no harm: true of what only reads, of what only answers a new
   * `state`, and of what gives the key on. Such a call is made again when the process died that was making it. Any other
   * is not: the model is told that the outcome is unknown. @defaultValue false
   */
  readonly idempotent?: boolean;
  execute(args: z.infer<Args>, context: ToolContext<State>): ToolResult<State> | Promise<ToolResult<State>>;
}

/** An agent: what it is told, what it can do, and what it remembers. */
export interface AgentDefinition<State = unknown> {
  readonly name: string;
  /** The system prompt. */
  readonly instructions: string;
  readonly tools: readonly ToolDefinition<State>[];
  readonly initialState: State;
  /** Words that callers are likely to say, for speech to text. */
  readonly keyTerms?: readonly string[];
  /** One of the text-to-speech engine's voices. */
  readonly voice?: string;
}

/**
 * Declares a tool, inferring the type of its arguments from the schema.
 * @example defineTool<Order>()({ name: 'add', description: '…', args: z.object({ n: z.number() }), execute: ({ n }) => … })
 */
export function defineTool<State>() {
  return <Args extends z.ZodObject>(tool: ToolDefinition<State, Args>): ToolDefinition<State> =>
    tool as unknown as ToolDefinition<State>;
}

/** Declares an agent, checking that tool names are unique and callable by a model. */
export function defineAgent<State>(agent: AgentDefinition<State>): AgentDefinition<State> {
  const names = new Set<string>();
  for (const { name } of agent.tools) {
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      throw new TypeError(`agent ${agent.name}: tool name "${name}" is not [a-zA-Z0-9_-]{1,64}`);
    if (names.has(name)) throw new TypeError(`agent ${agent.name}: two tools named "${name}"`);
    names.add(name);
  }
  return agent;
}
