import { sessionPolicySchema, type SessionPolicyInput } from '@parley/contracts';
import type { z } from 'zod';
import { checkProviderChoice, type ProviderPort } from './provider-settings/providers.js';
import { HANG_UP_TOOL, SEND_DIGITS_TOOL, agentBehaviourSchema, type AgentBehaviourInput } from './agent-behaviour.js';

/** What a tool is given beside its arguments. */
export interface ToolContext<State> {
  sessionId: string;
  /** The agent's state in this session, as the last tool left it. Do not change it; return a new one. */
  state: State;
  /** The same for the same call however often it is retried; give it to whatever the tool writes to. */
  idempotencyKey: string;
  /** Aborted when the tool's time is over, the session is lost, or the caller interrupts a call that is to be cancelled. */
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
  /**
   * What becomes of a call when the caller interrupts the reply. `finish`: it goes on, and the next reply begins when it
   * has returned, so that the model knows; right for what changes the world. `cancel`: its signal is aborted at once, and
   * it is waited for a second at most; right for what only reads. @defaultValue 'finish'
   */
  readonly onInterruption?: 'cancel' | 'finish';
  /** Said once while the tool works, when that takes longer than `fillerAfterMs`; a part of the reply as any other. */
  readonly filler?: string;
  /** @defaultValue 1200 */
  readonly fillerAfterMs?: number;
  execute(args: z.infer<Args>, context: ToolContext<State>): ToolResult<State> | Promise<ToolResult<State>>;
}

/** An agent: what it is told, what it can do, and what it remembers. */
export interface AgentDefinition<State = unknown> extends Readonly<AgentBehaviourInput> {
  readonly name: string;
  /** The system prompt. */
  readonly instructions: string;
  readonly tools: readonly ToolDefinition<State>[];
  readonly initialState: State;
  /** Words that callers are likely to say, for speech to text. */
  readonly keyTerms?: readonly string[];
  /** One of the text-to-speech engine's voices. */
  readonly voice?: string;
  /** Voices of others whom the agent lets speak, by name. */
  readonly speakers?: Readonly<Record<string, string>>;
  /** How the end of the caller's turn is found. */
  readonly endpointing?: SessionPolicyInput['endpointing'];
  /**
   * The model begins as soon as all that was said is understood, and its reply is thrown away when the caller goes on.
   * Answers come earlier by up to the silence that ends a turn, and some are paid for in vain. @defaultValue false
   */
  readonly preemptive?: boolean;
  /** What callers have to hear to its end, a legal notice for one: sentences that are part of it cannot be interrupted. */
  readonly uninterruptible?: readonly string[];
  /** What it takes to interrupt a reply. */
  readonly interruption?: SessionPolicyInput['interruption'];
  /** Who hears, thinks and speaks instead of what the stages are set to, by {@link providerChain}. */
  readonly providers?: SessionPolicyInput['providers'];
}

/**
 * Declares a tool, inferring the type of its arguments from the schema.
 * @example defineTool<Order>()({ name: 'add', description: '…', args: z.object({ n: z.number() }), execute: ({ n }) => … })
 */
export function defineTool<State>() {
  return <Args extends z.ZodObject>(tool: ToolDefinition<State, Args>): ToolDefinition<State> =>
    tool as unknown as ToolDefinition<State>;
}

/** Declares an agent, checking its policy, what it says by itself, and that tool names are unique and callable by a model. */
export function defineAgent<State>(agent: AgentDefinition<State>): AgentDefinition<State> {
  for (const { error } of [sessionPolicySchema.safeParse(agent), agentBehaviourSchema.safeParse(agent)]) {
    if (!error) continue;
    const where = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new TypeError(`agent ${agent.name}: ${where}`);
  }
  for (const [port, chain = []] of Object.entries(sessionPolicySchema.parse(agent).providers)) {
    for (const choice of chain) checkProviderChoice(port as ProviderPort, choice);
  }
  const { warning, maxDurationMs = 0 } = agent;
  if (warning && warning.beforeMs >= maxDurationMs)
    throw new TypeError(`agent ${agent.name}: warning.beforeMs is not less than maxDurationMs`);
  const names = new Set<string>();
  for (const { name, filler, fillerAfterMs = 0 } of agent.tools) {
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      throw new TypeError(`agent ${agent.name}: tool name "${name}" is not [a-zA-Z0-9_-]{1,64}`);
    if (name === HANG_UP_TOOL || name === SEND_DIGITS_TOOL)
      throw new TypeError(`agent ${agent.name}: "${name}" is Parley's own tool: say hangUp or sendDigits`);
    if (names.has(name)) throw new TypeError(`agent ${agent.name}: two tools named "${name}"`);
    if (filler?.trim() === '') throw new TypeError(`agent ${agent.name}: tool "${name}" has an empty filler`);
    if (!(fillerAfterMs >= 0))
      throw new TypeError(`agent ${agent.name}: tool "${name}": fillerAfterMs is not 0 or more`);
    names.add(name);
  }
  return agent;
}
