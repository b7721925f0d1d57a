import { createLogger, createMetrics } from '@parley/telemetry';
import { createAgentMetrics } from '../src/agent-metrics.js';
import type { ReplyPart } from '../src/conversation-run.js';
import type { Conversation, ReplyRequest } from '../src/conversation.js';
import { ReplyRun, type PublishedText, type ReplyOutput } from '../src/reply-run.js';

/** What happens next in a conversation that is told what to do: a part, an error, or a look at the run. */
export type Happens = ReplyPart | Error | DOMException | ((run: ReplyRun) => unknown);

/** Text as one token. */
export const token = (text: string): ReplyPart => ({ type: 'token', text });
/** A call of the tool `add`. */
export const called = (callId = 'r1c1'): ReplyPart => ({ type: 'tool_called', callId, tool: 'add', args: { n: 1 } });
/** What is said while `add` takes long. */
export const filler = (text: string): ReplyPart => ({ type: 'filler', callId: 'r1c1', text });
/** What `add` returned. */
export const returned = (callId = 'r1c1', ok = true): ReplyPart => ({
  type: 'tool_returned',
  callId,
  tool: 'add',
  ok,
  result: 1,
  durationMs: 2,
});

/** A reply run on a conversation in which just this happens. */
export function toldReply(happenings: readonly Happens[], published?: PublishedText, speakers: readonly string[] = []) {
  const events: { type: string; payload: Record<string, unknown> }[] = [];
  const texts: string[] = [];
  const chunks: string[][] = [];
  const asked: ReplyRequest[] = [];
  const order: string[] = [];
  const metrics = createMetrics('agent', { processMetrics: false });
  let nowMs = 1000;
  const conversation = {
    async *reply(request: ReplyRequest) {
      asked.push(request);
      for (const each of happenings) {
        nowMs += 10;
        if (each instanceof Error || each instanceof DOMException) throw each;
        if (typeof each === 'function') await each(run);
        else yield each;
      }
    },
  };
  const output: ReplyOutput = {
    emit: (type, payload) => {
      events.push({ type, payload });
      order.push(type);
      return Promise.resolve(true);
    },
    text: (_, text, speaker) => {
      texts.push(text);
      chunks.push(speaker === undefined ? [text] : [text, speaker]);
      order.push('text');
    },
  };
  const run: ReplyRun = new ReplyRun({
    conversation: conversation as unknown as Conversation,
    command: { type: 'start', reply: 1, turn: 2, userText: 'hi', answers: [] },
    output,
    engine: 'told',
    timeoutMs: 5000,
    metrics: createAgentMetrics(metrics),
    log: createLogger({ service: 'agent', level: 'silent' }),
    tools: new Set(['add']),
    speakers,
    ...(published && { published }),
    now: () => nowMs,
  });
  return {
    run,
    events,
    asked,
    order,
    metrics,
    /** What clients were told, piece by piece: text, and who says it where that is not the agent. */
    chunks,
    /** What clients were told, as one text. */
    told: () => texts.join(''),
    sentences: () => events.filter(({ type }) => type === 'reply.sentence').map(({ payload }) => payload),
    ended: () => events.filter(({ type }) => type === 'reply.ended').map(({ payload }) => payload),
  };
}
