import type { ServerResponse } from 'node:http';
import type { ElevenLabsManner } from './elevenlabs.js';
import { ELEVENLABS_REJECTIONS, elevenLabsRejection } from './elevenlabs-rejections.js';
import { partsOf, type VoicePart } from './elevenlabs-voice.js';
import type { RecordedRequest, Rejection } from './emulator.js';
import type { Fault } from './faults.js';

/** Parts that are sent before an answer goes wrong in its middle. */
const PARTS_BEFORE_FAULT = 2;

/** Answers the text-to-speech endpoints: whole or streamed, as bytes or as JSON with times. */
export async function answerElevenLabsRequest(
  manner: ElevenLabsManner,
  request: RecordedRequest,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const asked = readRequest(manner, request);
  const rejection = (fault && ELEVENLABS_REJECTIONS[fault]) ?? ('status' in asked ? asked : undefined);
  if (rejection || 'status' in asked) return refuse(response, rejection ?? (asked as Rejection));
  if (fault === 'closed_early') return void response.destroy();

  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const [, isStream, isTimed] = asked.kind;
  response.writeHead(200, { 'content-type': isTimed ? 'application/json' : 'audio/pcm', 'request-id': 'r1' });
  response.flushHeaders();
  if (fault === 'silent') return;
  const whole: VoicePart[] = [];
  let sent = 0;
  try {
    for await (const part of partsOf(manner.voice, { ...asked, signal: gone.signal })) {
      if (isStream) response.write(isTimed ? `${JSON.stringify(lineOf([part], manner))}\n` : part.audio);
      else whole.push(part);
      if (++sent === PARTS_BEFORE_FAULT && breakOff(response, fault)) return;
    }
  } catch {
    // The client is gone, or the voice failed: either way there is no more.
    return void response.destroy();
  }
  if (isStream) return void response.end();
  response.end(isTimed ? JSON.stringify(lineOf(whole, manner)) : Buffer.concat(whole.map(({ audio }) => audio)));
}

function breakOff(response: ServerResponse, fault: Fault | undefined): boolean {
  if (fault === 'truncated') response.end();
  else if (fault === 'malformed') response.end('{"audio_base64": "AAAA\n');
  else if (fault === 'dropped') response.destroy();
  else return false;
  return true;
}

function lineOf(parts: readonly VoicePart[], { noise }: ElevenLabsManner) {
  const characters = parts.flatMap((part) => part.characters);
  const alignment = {
    characters: characters.map(({ text }) => text),
    character_start_times_seconds: characters.map(({ startMs }) => startMs / 1000),
    character_end_times_seconds: characters.map(({ endMs }) => endMs / 1000),
  };
  return {
    audio_base64: Buffer.concat(parts.map(({ audio }) => audio)).toString('base64'),
    alignment: characters.length > 0 ? alignment : null,
    normalized_alignment: characters.length > 0 ? alignment : null,
    ...(noise && { credits: 3, voice: { mood: ['calm'] } }),
  };
}

function readRequest(manner: ElevenLabsManner, { method, url, headers, body }: RecordedRequest) {
  const kind = /^\/v1\/text-to-speech\/[^/]+(\/stream)?(\/with-timestamps)?$/.exec(url.pathname);
  if (!kind || method !== 'POST') return elevenLabsRejection(404, 'not_found');
  if (!manner.isKeyTaken(headers['xi-api-key'])) return elevenLabsRejection(401, 'invalid_api_key');
  const voice = decodeURIComponent(url.pathname.split('/')[3] ?? '');
  if (!manner.isVoiceKnown(voice)) return elevenLabsRejection(404, 'voice_not_found');
  const [, rate] = /^pcm_(\d+)$/.exec(url.searchParams.get('output_format') ?? '') ?? [];
  if (rate === undefined) return elevenLabsRejection(403, 'output_format_not_allowed');
  let asked: { text?: unknown; language_code?: unknown };
  try {
    asked = JSON.parse(body.toString()) as typeof asked;
  } catch {
    return unprocessable('body');
  }
  const { text, language_code: language = 'en' } = asked;
  if (typeof text !== 'string' || typeof language !== 'string') return unprocessable('text');
  return { kind, voice, text, language, sampleRateHz: Number(rate) };
}

function unprocessable(field: string): Rejection {
  return { status: 422, body: { detail: [{ loc: ['body', field], msg: 'Field required', type: 'missing' }] } };
}

function refuse(response: ServerResponse, { status, headers, body }: Rejection): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
