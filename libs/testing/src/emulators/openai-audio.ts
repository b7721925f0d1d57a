import type { ServerResponse } from 'node:http';
import type { SpeechToText, TextToSpeech } from '@parley/ports';
import { createScriptedSpeechToText, createScriptedTextToSpeech } from '../engines/index.js';
import { Emulator, type RecordedRequest, type Rejection } from './emulator.js';
import type { Fault } from './faults.js';
import { refused } from './openai-refusal.js';
import { openAiSpeech } from './openai-speech.js';
import { openAiTranscription } from './openai-transcription.js';

/** How OpenAI's audio is emulated. */
export interface OpenAiAudioEmulatorOptions {
  /** Who hears. @defaultValue the scripted ears */
  ears?: SpeechToText;
  /** Who speaks. @defaultValue the scripted voice */
  voice?: TextToSpeech;
  /** @defaultValue any that is free */
  port?: number;
  /** Bytes of voice in a part of the answer, though they cut samples. @defaultValue as the voice comes */
  chunkBytes?: number;
}

const SPEECH = '/v1/audio/speech';
const TRANSCRIPTIONS = '/v1/audio/transcriptions';

/** OpenAI's speech and transcription on this machine; its base URL is the emulator's with `/v1`. */
export function startOpenAiAudioEmulator(options: OpenAiAudioEmulatorOptions = {}): Promise<Emulator> {
  const { ears = createScriptedSpeechToText(), voice = createScriptedTextToSpeech(), chunkBytes } = options;
  const onRequest = async (request: RecordedRequest, response: ServerResponse, fault: Fault | undefined) => {
    const answer = { request, response, fault, refuse: (why: Rejection) => refuse(response, why) };
    if (fault === 'closed_early') response.destroy();
    else if (request.url.pathname === SPEECH) await openAiSpeech({ ...answer, voice, chunkBytes });
    else await openAiTranscription({ ...answer, ears });
  };
  return Emulator.start({ rejection, refusal, onRequest }, options.port);
}

function refusal({ method, url, headers }: RecordedRequest): Rejection | undefined {
  if (!/^Bearer ./.test(headers.authorization ?? '')) return refused(401, 'You did not provide an API key.', {});
  if (method === 'POST' && [SPEECH, TRANSCRIPTIONS].includes(url.pathname)) return undefined;
  return refused(404, `Invalid URL (${method} ${url.pathname})`, {});
}

function rejection(fault: Fault): Rejection | undefined {
  switch (fault) {
    case 'rate_limited': {
      const headers = { 'retry-after': '2', 'retry-after-ms': '2000', 'x-should-retry': 'true' };
      return { ...rejection('rate_limited_bare'), headers } as Rejection;
    }
    case 'rate_limited_bare':
      return refused(429, 'Rate limit reached.', { type: 'requests', code: 'rate_limit_exceeded' });
    case 'server_error':
      return refused(500, 'The server had an error.', { type: 'server_error' });
    case 'auth':
      return refused(401, 'Incorrect API key provided.', { code: 'invalid_api_key' });
    case 'quota':
      return refused(429, 'You exceeded your current quota.', { type: 'insufficient_quota', code: 'insufficient_quota' }); // prettier-ignore
    default:
      return undefined;
  }
}

function refuse(response: ServerResponse, { status, headers, body }: Rejection): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
