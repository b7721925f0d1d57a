import type { ServerResponse } from 'node:http';
import type { TextToSpeech } from '@parley/ports';
import { emulatedVoice } from './emulated-voice.js';
import type { RecordedRequest, Rejection } from './emulator.js';
import type { Fault } from './faults.js';
import { refused } from './openai-refusal.js';

/** A request for speech, and how it is answered. */
export interface OpenAiSpeechAnswer {
  request: RecordedRequest;
  response: ServerResponse;
  fault: Fault | undefined;
  refuse(why: Rejection): void;
  voice: TextToSpeech;
  chunkBytes: number | undefined;
}

interface SpeechFields {
  input: string;
  model: string;
  voice: string;
}

const SAMPLE_RATE_HZ = 24_000;
const MAX_INPUT_CHARS = 4096;

/** Answers with raw PCM, 16 bits mono at 24 kHz, as it is spoken; other formats are refused. */
export async function openAiSpeech({ request, response, fault, refuse, voice, chunkBytes }: OpenAiSpeechAnswer) {
  const fields = readSpeech(request.body);
  if ('status' in fields) {
    refuse(fields);
    return;
  }
  response.writeHead(200, { 'content-type': 'audio/pcm' });
  response.flushHeaders();
  if (fault === 'silent') return;
  const aborted = new AbortController();
  response.on('close', () => aborted.abort());
  const wanted = { text: fields.input, language: 'en', sampleRateHz: SAMPLE_RATE_HZ, voice: fields.voice };
  try {
    for await (const { pcm } of emulatedVoice(voice, { ...wanted, signal: aborted.signal })) {
      await write(response, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength), chunkBytes);
      if (fault && (await actFault(fault, response))) return;
    }
    response.end();
  } catch {
    // An answer that has begun can only be broken off.
    response.destroy();
  }
}

async function write(response: ServerResponse, bytes: Buffer, size = Math.max(1, bytes.length)): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) {
    await new Promise((resolve) => response.write(bytes.subarray(at, at + size), resolve));
  }
}

/** What of an answer of bytes can be wrong: its end, and the HTTP around it. */
async function actFault(fault: Fault, response: ServerResponse): Promise<boolean> {
  if (fault === 'truncated') response.end(Buffer.from([0]));
  else if (fault === 'dropped') response.destroy();
  else if (fault === 'malformed') response.socket?.write('this is no chunk\r\n');
  else return false;
  return true;
}

function readSpeech(body: Buffer): SpeechFields | Rejection {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(body.toString()) as Record<string, unknown>;
  } catch {
    return refused(400, 'We could not parse the JSON body of your request.', {});
  }
  const { input, model, voice, response_format: format, speed, instructions } = fields;
  if (typeof input !== 'string' || input === '' || input.length > MAX_INPUT_CHARS)
    return refused(400, 'Invalid input.', { param: 'input' });
  if (typeof model !== 'string') return refused(400, 'you must provide a model parameter', { param: 'model' });
  if (model === 'no-such-model') return refused(404, 'The model does not exist.', { code: 'model_not_found' });
  if (typeof voice !== 'string' || voice === '') return refused(400, 'Invalid voice.', { param: 'voice' });
  if (format !== 'pcm') return refused(400, 'Only pcm is emulated.', { param: 'response_format' });
  if (speed !== undefined && !(typeof speed === 'number' && speed >= 0.25 && speed <= 4))
    return refused(400, 'Invalid speed.', { param: 'speed' });
  if (instructions !== undefined && typeof instructions !== 'string')
    return refused(400, 'Invalid instructions.', { param: 'instructions' });
  return { input, model, voice };
}
