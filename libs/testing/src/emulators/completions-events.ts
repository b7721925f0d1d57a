import { randomUUID } from 'node:crypto';
import { countTokens, type AnswerPart } from './model-answer.js';
import type { CompletionsRequest } from './completions-request.js';
import type { AnswerEvents } from './streamed-answer.js';

/** What two services that speak this protocol do differently. */
export interface CompletionsDialect {
  headers: Record<string, string>;
  /** Whole chunks that come before the first. */
  prelude: object[];
  /** Added to every choice. */
  choice: object;
  /** Added to every chunk. */
  chunk(): object;
  /** The body of an error in the middle of an answer. */
  failure(thrown: unknown): unknown;
}

/** The answer to a chat completion as a stream of events. */
export function completionsEvents(request: CompletionsRequest, dialect: CompletionsDialect): AnswerEvents {
  const envelope = {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    service_tier: 'default',
    system_fingerprint: 'fp_emulated',
  };
  const withUsage = request.stream_options?.include_usage === true;
  const chunk = (delta: object, finish_reason: string | null = null) =>
    event({
      ...envelope,
      choices: [{ index: 0, delta, logprobs: null, finish_reason, ...dialect.choice }],
      ...(withUsage && { usage: null }),
      ...dialect.chunk(),
    });
  let hasCalls = false;
  return {
    headers: dialect.headers,
    begin: () => [...dialect.prelude.map(event), chunk({ role: 'assistant', content: '', refusal: null })],
    part(part) {
      hasCalls ||= part.type === 'call';
      return [chunk(deltaOf(part))];
    },
    end: (outputTokens) => [
      chunk({}, hasCalls ? 'tool_calls' : 'stop'),
      ...(withUsage ? [event({ ...envelope, choices: [], usage: usageOf(request, outputTokens) })] : []),
      'data: [DONE]\n\n',
    ],
    failure: (thrown) => [event(dialect.failure(thrown))],
    malformed: 'data: {"id":"chatcmpl-\n\n',
  };
}

/** How many tokens went in and out, in the service's words. */
export function usageOf(request: CompletionsRequest, outputTokens: number) {
  const prompt = countTokens(JSON.stringify(request.messages));
  return {
    prompt_tokens: prompt,
    completion_tokens: outputTokens,
    total_tokens: prompt + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 }, // prettier-ignore
  };
}

/** The id and the name come once, with the first delta of their call. */
function deltaOf(part: AnswerPart): object {
  if (part.type === 'text') return { content: part.text };
  const { index } = part;
  if (part.type === 'arguments') return { tool_calls: [{ index, function: { arguments: part.json } }] };
  const { id, name } = part;
  return { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] };
}

function event(json: unknown): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}
