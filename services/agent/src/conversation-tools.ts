import type { AgentDefinition, EngineError, ToolDefinition, ToolResult } from '@parley/ports';
import { z } from 'zod';
import type { RoundCall } from './conversation-turns.js';
import { ReplyInterrupted } from './reply-stopped.js';

/** How a tool call is made. */
export interface ToolCallContext {
  sessionId: string;
  state: unknown;
  idempotencyKey: string;
  /** The log has it that the call is made: without that a new owner would make it again. */
  isRecorded: boolean;
  /** An earlier owner began the call, and nobody knows what became of it. */
  wasBegun: boolean;
  /** Of the reply. */
  signal: AbortSignal;
  /** Aborted when the conversation is closed, whatever the reply was stopped for before. */
  closing?: AbortSignal;
  /** How long the tool may take. */
  timeoutMs: number;
  /** How long an interrupted reply still waits for a running tool, so that its result is not lost. */
  graceMs: number;
}

/** What came of a tool call. */
export interface ToolOutcome {
  ok: boolean;
  /** Plain JSON; `{ error }` when not `ok`. */
  result: unknown;
  /** The agent's new state; absent when the tool left it alone. */
  state?: unknown;
  /** The session was handed over before the tool answered: nobody here will know what becomes of the call. */
  isAbandoned?: boolean;
}

/** How long a tool may still run that a stopping process has begun. */
const HAND_OVER_GRACE_MS = 3000;

/** The most that a result may be as JSON, so that it fits into an event and a prompt. */
export const MAX_TOOL_RESULT_BYTES = 64 * 1024;

/** Makes one tool call. Never throws: what goes wrong is told to the model as the result. */
export async function callTool(
  tools: AgentDefinition['tools'],
  call: RoundCall,
  context: ToolCallContext,
): Promise<ToolOutcome> {
  const tool = tools.find(({ name }) => name === call.tool);
  if (!tool)
    return failed(`There is no tool "${call.tool}". The tools are: ${tools.map(({ name }) => name).join(', ')}.`);
  if (context.signal.aborted && !isHandedOver(context.signal))
    return failed('The call was not made: the caller interrupted before.');
  if (!context.isRecorded) return failed('The call was not made, because it could not be recorded. Try again later.');
  if (context.wasBegun && !tool.idempotent)
    return failed('The call was begun and its outcome is unknown: do not repeat it without asking the caller.');
  if (call.malformed !== undefined) return failed(`The arguments are not a JSON object: ${call.malformed}`);
  try {
    const args = await tool.args.safeParseAsync(call.args);
    if (!args.success) return failed(`The arguments are wrong. ${z.prettifyError(args.error)}`);
    return await withinTime(tool, args.data, context);
  } catch (thrown) {
    return failed(`The tool failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

async function withinTime(
  tool: ToolDefinition<unknown>,
  args: Record<string, unknown>,
  context: ToolCallContext,
): Promise<ToolOutcome> {
  const { sessionId, state, idempotencyKey, signal, closing, timeoutMs, graceMs } = context;
  const stop = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const giveUp = new Promise<ToolOutcome>((resolve) => {
    const after = (ms: number, why: string) => {
      timers.push(
        setTimeout(() => {
          resolve(failed(`${why} It may still take effect: do not repeat it without asking the caller.`));
          stop.abort();
        }, ms),
      );
    };
    after(timeoutMs, `The tool did not answer within ${timeoutMs} ms.`);
    // What the tool does counts whoever has the session then: it is let finish.
    const handOver = () =>
      void timers.push(setTimeout(() => resolve({ ...failed('handed over'), isAbandoned: true }), HAND_OVER_GRACE_MS));
    const interrupted = () => {
      if (isHandedOver(signal)) return handOver();
      if (signal.reason instanceof ReplyInterrupted && tool.onInterruption !== 'cancel')
        return closing?.addEventListener('abort', handOver, { once: true, signal: stop.signal });
      after(graceMs, 'The caller interrupted before the tool answered.');
      stop.abort(signal.reason);
    };
    if (signal.aborted) interrupted();
    else signal.addEventListener('abort', interrupted, { once: true, signal: stop.signal });
  });
  try {
    const answered = Promise.resolve(
      tool.execute(args, { sessionId, state, idempotencyKey, signal: stop.signal }),
    ).then(outcomeOf, (thrown: unknown) =>
      failed(`The tool failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`),
    );
    return await Promise.race([answered, giveUp]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    stop.abort();
  }
}

/** Whether the session goes on in another process. */
function isHandedOver(signal: AbortSignal): boolean {
  return (signal.reason as Partial<EngineError> | undefined)?.code === 'engine_closed';
}

/** Checks that what the tool answered can be kept: plain JSON of a sensible size. */
function outcomeOf(answer: ToolResult<unknown>): ToolOutcome {
  const result = JSON.stringify(answer.result ?? null);
  if (Buffer.byteLength(result) > MAX_TOOL_RESULT_BYTES)
    return failed(`The tool answered more than ${MAX_TOOL_RESULT_BYTES} bytes.`, answer.state);
  return { ok: true, result: JSON.parse(result) as unknown, ...stateIn(answer.state) };
}

function failed(error: string, state?: unknown): ToolOutcome {
  return { ok: false, result: { error: error.slice(0, 1000) }, ...stateIn(state) };
}

function stateIn(state: unknown): { state?: unknown } {
  return state === undefined ? {} : { state: JSON.parse(JSON.stringify(state)) as unknown };
}
