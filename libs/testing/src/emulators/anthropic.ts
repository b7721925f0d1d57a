import type { ServerResponse } from 'node:http';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { EngineError } from '@parley/ports';
import { Emulator, type RecordedRequest, type Rejection } from './emulator.js';
import type { Fault } from './faults.js';
import { messagesEvents } from './messages-events.js';
import { complaintAbout, conversationOf, messagesRequestSchema, toolsOf, type MessagesRequest } from './messages-request.js'; // prettier-ignore
import { answerParts, faultOf, scriptedAnswers } from './model-answer.js';
import type { ModelEmulatorOptions } from './openai.js';
import { refuse } from './refuse.js';
import { resumed, streamAnswer } from './streamed-answer.js';

/** Anthropic's messages on this machine, at `/v1/messages`; as streams alone. */
export function startAnthropicEmulator({
  model = scriptedAnswers(),
  port,
}: ModelEmulatorOptions = {}): Promise<Emulator> {
  return Emulator.start(
    {
      rejection,
      async onRequest(request, response, fault) {
        const { method, url, headers } = request;
        if (!headers['x-api-key'])
          return refuse(response, refusal(401, 'authentication_error', 'x-api-key header is required'));
        if (!headers['anthropic-version']) return refuse(response, badRequest('anthropic-version: header is required'));
        if (method !== 'POST' || url.pathname !== '/v1/messages')
          return refuse(response, refusal(404, 'not_found_error', 'Not found'));
        await answer(model, request, response, fault);
      },
    },
    port,
  );
}

async function answer(
  model: BaseChatModel,
  { body }: RecordedRequest,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const request = readRequest(body);
  if (typeof request === 'string') return refuse(response, badRequest(request));
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  const parts = answerParts(model, conversationOf(request), toolsOf(request), hungUp.signal);
  try {
    const first = await parts.next();
    const events = messagesEvents(request, (thrown) => rejectionOf(thrown).body);
    await streamAnswer(response, resumed(first, parts), events, fault);
  } catch (thrown) {
    refuse(response, rejectionOf(thrown));
  }
}

/** The request, or what is wrong with it. */
function readRequest(body: Buffer): MessagesRequest | string {
  try {
    const { data, error } = messagesRequestSchema.safeParse(JSON.parse(body.toString()));
    if (data) return complaintAbout(data) ?? (data.stream ? data : 'stream: the emulator only streams');
    const [issue] = error.issues;
    return `${issue?.path.join('.')}: ${issue?.message}`;
  } catch {
    return 'The request body is not valid JSON.';
  }
}

/** How the service tells of a model that failed by itself. */
function rejectionOf(thrown: unknown): Rejection {
  const code = thrown instanceof EngineError ? thrown.code : undefined;
  if (code === 'engine_input') return badRequest('prompt is too long: 200001 tokens > 200000 maximum');
  if (code === 'engine_unavailable') return refusal(500, 'api_error', 'Internal server error');
  return rejection(faultOf(thrown)) ?? refusal(500, 'api_error', 'Internal server error');
}

function rejection(fault: Fault): Rejection | undefined {
  switch (fault) {
    case 'rate_limited':
      return { ...tooMany, headers: { 'retry-after': '2', 'anthropic-ratelimit-requests-remaining': '0' } };
    case 'rate_limited_bare':
      return tooMany;
    case 'server_error':
      return refusal(529, 'overloaded_error', 'Overloaded');
    case 'auth':
      return refusal(401, 'authentication_error', 'invalid x-api-key');
    case 'quota':
      return badRequest('Your credit balance is too low to access the Anthropic API.');
    default:
      return undefined;
  }
}

function badRequest(message: string): Rejection {
  return refusal(400, 'invalid_request_error', message);
}

function refusal(status: number, type: string, message: string): Rejection {
  return { status, headers: { 'request-id': 'req_emulated' }, body: { type: 'error', error: { type, message }, request_id: 'req_emulated' } }; // prettier-ignore
}

const tooMany = refusal(429, 'rate_limit_error', 'This request would exceed your rate limit.');
