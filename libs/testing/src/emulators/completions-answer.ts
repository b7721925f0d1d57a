import type { ServerResponse } from 'node:http';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { EngineError } from '@parley/ports';
import { completionsEvents, usageOf, type CompletionsDialect } from './completions-events.js';
import { complaintAbout, completionsRequestSchema, conversationOf, toolsOf, type CompletionsRequest } from './completions-request.js'; // prettier-ignore
import type { RecordedRequest, Rejection } from './emulator.js';
import type { Fault } from './faults.js';
import { answerParts, countTokens, faultOf, type AnswerPart } from './model-answer.js';
import { refuse } from './refuse.js';
import { resumed, streamAnswer } from './streamed-answer.js';

/** What a service that speaks this protocol is made of. */
export interface CompletionsService extends Pick<CompletionsDialect, 'headers' | 'prelude' | 'choice' | 'chunk'> {
  model: BaseChatModel;
  rejection(fault: Fault): Rejection | undefined;
  /** Of a request that is wrong, in words and by the service's code. */
  badRequest(message: string, code: string | null): Rejection;
}

/** Answers a request for a chat completion that was let in. Never rejects. */
export async function answerCompletion(
  service: CompletionsService,
  { body }: RecordedRequest,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const request = readRequest(body);
  const complaint = typeof request === 'string' ? request : complaintAbout(request);
  if (typeof request === 'string' || complaint !== undefined)
    return refuse(response, service.badRequest(complaint ?? '', null));
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  const parts = answerParts(service.model, conversationOf(request), toolsOf(request), hungUp.signal);
  const rejectionOf = (thrown: unknown) => {
    if (thrown instanceof EngineError && thrown.code === 'engine_input')
      return service.badRequest('The conversation is longer than the model takes.', 'context_length_exceeded');
    return service.rejection(faultOf(thrown));
  };
  try {
    const first = await parts.next();
    if (!request.stream) return answerWhole(response, service, request, await textAndCalls(resumed(first, parts)));
    const failure = (thrown: unknown) => rejectionOf(thrown)?.body;
    const events = completionsEvents(request, { ...service, failure });
    await streamAnswer(response, resumed(first, parts), events, fault);
  } catch (thrown) {
    refuse(response, rejectionOf(thrown) ?? { status: 500, body: {} });
  }
}

/** The request, or what is wrong with it. */
function readRequest(body: Buffer): CompletionsRequest | string {
  try {
    const { data, error } = completionsRequestSchema.safeParse(JSON.parse(body.toString()));
    if (data) return data;
    const [issue] = error.issues;
    return `Invalid '${issue?.path.join('.')}': ${issue?.message}`;
  } catch {
    return 'We could not parse the JSON body of your request.';
  }
}

interface WholeAnswer {
  text: string;
  calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
}

async function textAndCalls(parts: AsyncIterable<AnswerPart>): Promise<WholeAnswer> {
  const whole: WholeAnswer = { text: '', calls: [] };
  for await (const part of parts) {
    if (part.type === 'text') whole.text += part.text;
    else if (part.type === 'call')
      whole.calls.push({ id: part.id, type: 'function', function: { name: part.name, arguments: '' } }); // prettier-ignore
    else {
      const call = whole.calls[part.index];
      if (call) call.function.arguments += part.json;
    }
  }
  return whole;
}

function answerWhole(
  response: ServerResponse,
  { headers }: CompletionsService,
  request: CompletionsRequest,
  { text, calls }: WholeAnswer,
): void {
  const message = { role: 'assistant', content: text === '' ? null : text, refusal: null, ...(calls.length > 0 && { tool_calls: calls }) }; // prettier-ignore
  const choice = { index: 0, message, logprobs: null, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' };
  const body = { id: 'chatcmpl-whole', object: 'chat.completion', created: 1, model: request.model, choices: [choice], usage: usageOf(request, countTokens(text)) }; // prettier-ignore
  refuse(response, { status: 200, headers, body });
}
