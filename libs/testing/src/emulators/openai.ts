import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { answerCompletion, type CompletionsService } from './completions-answer.js';
import { Emulator, type Rejection } from './emulator.js';
import type { Fault } from './faults.js';
import { scriptedAnswers } from './model-answer.js';
import { refuse } from './refuse.js';

/** What an emulated provider of language models is given. */
export interface ModelEmulatorOptions {
  /** Answers. @defaultValue a scripted model that says back what it is told */
  model?: BaseChatModel;
  /** @defaultValue any that is free */
  port?: number;
}

/** OpenAI's chat completions on this machine, below `/v1`. */
export function startOpenAiEmulator({ model = scriptedAnswers(), port }: ModelEmulatorOptions = {}): Promise<Emulator> {
  const service: CompletionsService = {
    model,
    headers: { 'x-request-id': 'req_emulated', 'openai-processing-ms': '12', 'openai-version': '2020-10-01' },
    prelude: [],
    choice: {},
    chunk: () => ({}),
    rejection,
    badRequest: (message, code) => refusal(400, 'invalid_request_error', code, message),
  };
  return Emulator.start(
    {
      rejection,
      async onRequest(request, response, fault) {
        const { method, url, headers } = request;
        if (!/^Bearer \S/.test(headers.authorization ?? ''))
          return refuse(response, refusal(401, 'invalid_request_error', null, "You didn't provide an API key."));
        if (method !== 'POST' || url.pathname !== '/v1/chat/completions')
          return refuse(response, refusal(404, 'invalid_request_error', null, `Invalid URL (${method} ${url.pathname})`)); // prettier-ignore
        await answerCompletion(service, request, response, fault);
      },
    },
    port,
  );
}

function rejection(fault: Fault): Rejection | undefined {
  switch (fault) {
    case 'rate_limited':
      return { ...tooMany, headers: { 'retry-after': '2', 'x-ratelimit-remaining-requests': '0' } };
    case 'rate_limited_bare':
      return tooMany;
    case 'server_error':
      return refusal(500, 'server_error', null, 'The server had an error while processing your request.');
    case 'auth':
      return refusal(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided: sk-****.');
    case 'quota':
      return refusal(429, 'insufficient_quota', 'insufficient_quota', 'You exceeded your current quota.');
    default:
      return undefined;
  }
}

function refusal(status: number, type: string, code: string | null, message: string): Rejection {
  return { status, body: { error: { message, type, param: null, code } } };
}

const tooMany = refusal(429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests.');
