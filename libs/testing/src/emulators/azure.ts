import { randomBytes } from 'node:crypto';
import { answerCompletion, type CompletionsService } from './completions-answer.js';
import { Emulator, type Rejection } from './emulator.js';
import type { Fault } from './faults.js';
import { scriptedAnswers } from './model-answer.js';
import { refuse } from './refuse.js';
import type { ModelEmulatorOptions } from './openai.js';

/** What an emulated Azure is given. */
export interface AzureEmulatorOptions extends ModelEmulatorOptions {
  /** What is deployed. @defaultValue `['voice']` */
  deployments?: readonly string[];
}

const safe = { hate: { filtered: false, severity: 'safe' }, violence: { filtered: false, severity: 'safe' } };

/**
 * OpenAI's models on Azure, on this machine: `/openai/deployments/{name}/chat/completions` with a version, and
 * `/openai/v1/chat/completions` with the deployment as the model.
 */
export function startAzureEmulator(options: AzureEmulatorOptions = {}): Promise<Emulator> {
  const { model = scriptedAnswers(), deployments = ['voice'], port } = options;
  const service: CompletionsService = {
    model,
    headers: { 'apim-request-id': 'emulated', 'x-ms-region': 'Here' },
    prelude: [{ id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: safe }] }], // prettier-ignore
    choice: { content_filter_results: safe },
    chunk: () => ({ obfuscation: randomBytes(6).toString('base64url') }),
    rejection,
    badRequest: (message, code) => refusal(400, code ?? 'BadRequest', message),
  };
  return Emulator.start(
    {
      rejection,
      async onRequest(request, response, fault) {
        const { method, url, headers, body } = request;
        if (!headers['api-key'] || headers.authorization !== undefined) return refuse(response, badKey);
        const deployment = deploymentOf(url, body);
        if (method !== 'POST' || deployment === undefined)
          return refuse(response, refusal(404, '404', 'Resource not found'));
        if (!deployments.includes(deployment))
          return refuse(response, refusal(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.')); // prettier-ignore
        await answerCompletion(service, request, response, fault);
      },
    },
    port,
  );
}

/** Which deployment is asked; undefined for an address that is none. */
function deploymentOf(url: URL, body: Buffer): string | undefined {
  if (url.pathname === '/openai/v1/chat/completions') {
    // Whatever else is wrong with the body is found later.
    return /"model"\s*:\s*"([^"]+)"/.exec(body.toString())?.[1];
  }
  const [, name] = /^\/openai\/deployments\/([^/]+)\/chat\/completions$/.exec(url.pathname) ?? [];
  const hasVersion = /^\d{4}-\d{2}-\d{2}(-preview)?$/.test(url.searchParams.get('api-version') ?? '');
  return name !== undefined && hasVersion ? decodeURIComponent(name) : undefined;
}

function rejection(fault: Fault): Rejection | undefined {
  switch (fault) {
    case 'rate_limited':
      return {
        ...refusal(429, '429', 'Requests have exceeded the token rate limit. Please retry after 2 seconds.'),
        headers: { 'retry-after': '2', 'retry-after-ms': '2000' },
      };
    case 'rate_limited_bare':
      return refusal(429, '429', 'Requests have exceeded the token rate limit.');
    case 'server_error':
      return refusal(500, 'InternalServerError', 'The server had an error while processing your request.');
    case 'auth':
      return badKey;
    case 'quota':
      return refusal(403, '403', 'Out of call volume quota. Quota will be replenished in 12 days.');
    default:
      return undefined;
  }
}

function refusal(status: number, code: string, message: string): Rejection {
  return { status, body: { error: { code, message } } };
}

const badKey = refusal(401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.');
