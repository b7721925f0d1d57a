import type { ServerResponse } from 'node:http';
import { decodeWav, type WavAudio } from '@parley/audio';
import type { SpeechToText } from '@parley/ports';
import type { RecordedRequest, Rejection } from './emulator.js';
import type { Fault } from './faults.js';
import { refused } from './openai-refusal.js';

/** A request for a transcript, and how it is answered. */
export interface OpenAiTranscriptionAnswer {
  request: RecordedRequest;
  response: ServerResponse;
  fault: Fault | undefined;
  refuse(why: Rejection): void;
  ears: SpeechToText;
}

interface TranscriptionFields {
  audio: WavAudio;
  language: string;
  stream: boolean;
}

const MIN_AUDIO_SECONDS = 0.1;

/** Answers with the transcript of a WAV file, as JSON, or as a stream of events where that is wanted. */
export async function openAiTranscription(answer: OpenAiTranscriptionAnswer): Promise<void> {
  const { request, response, fault, refuse, ears } = answer;
  const fields = await readTranscription(request);
  if ('status' in fields) {
    refuse(fields);
    return;
  }
  const type = fields.stream ? 'text/event-stream; charset=utf-8' : 'application/json';
  response.writeHead(200, { 'content-type': type });
  response.flushHeaders();
  if (fault === 'silent') return;
  const text = await hear(ears, fields);
  const pieces = fields.stream ? eventsOf(text, fields.audio) : jsonOf(text, fields.audio);
  for (const [index, piece] of pieces.entries()) {
    const isMiddle = index === Math.floor(pieces.length / 2);
    if (fault === 'truncated' && isMiddle) break;
    if (fault === 'malformed' && isMiddle) response.write(fields.stream ? 'data: {"type":\n\n' : '}{');
    if (fault === 'dropped' && isMiddle) {
      response.destroy();
      return;
    }
    await new Promise((resolve) => response.write(piece, resolve));
  }
  response.end();
}

/** Words as they are understood, and then all of them. */
function eventsOf(text: string, audio: WavAudio): string[] {
  const deltas = text.match(/\s*\S+/gu) ?? [];
  const events = [
    ...deltas.map((delta) => ({ type: 'transcript.text.delta', delta })),
    { type: 'transcript.text.done', text, usage: usageOf(audio) },
  ];
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`);
}

/** In two pieces, so that there is a middle. */
function jsonOf(text: string, audio: WavAudio): string[] {
  const json = JSON.stringify({ text, usage: usageOf(audio) });
  return [json.slice(0, 8), json.slice(8)];
}

function usageOf({ samples, sampleRateHz }: WavAudio) {
  return { type: 'duration', seconds: Math.ceil(samples.length / sampleRateHz) };
}

async function hear(ears: SpeechToText, { audio, language }: TranscriptionFields): Promise<string> {
  const stream = await ears.open({ sessionId: 'emulator', sampleRateHz: audio.sampleRateHz, language });
  try {
    stream.write(audio.samples);
    stream.flush();
    const said: string[] = [];
    for await (const event of stream.events) {
      if (event.type === 'final') said.push(event.text);
      if (event.type === 'flushed' || event.type === 'error') break;
    }
    return said.join(' ');
  } finally {
    await stream.close();
  }
}

async function readTranscription({ body, headers }: RecordedRequest): Promise<TranscriptionFields | Rejection> {
  const form = await formOf(body, headers['content-type'] ?? '');
  const file = form?.get('file');
  if (!form || !(file instanceof Blob)) return refused(400, 'Invalid file.', { param: 'file' });
  const model = form.get('model');
  if (typeof model !== 'string') return refused(400, 'you must provide a model parameter', { param: 'model' });
  if ((form.get('response_format') ?? 'json') !== 'json')
    return refused(400, 'Only json is emulated.', { param: 'response_format' });
  const language = form.get('language');
  if (language !== null && !/^[a-z]{2}$/.test(String(language)))
    return refused(400, 'Invalid language.', { param: 'language', code: 'invalid_language_format' });
  try {
    const audio = decodeWav(new Uint8Array(await file.arrayBuffer()));
    if (audio.samples.length / audio.sampleRateHz < MIN_AUDIO_SECONDS)
      return refused(400, 'Audio file is too short.', { param: 'file', code: 'audio_too_short' });
    // The oldest model is asked in vain to stream.
    const stream = form.get('stream') === 'true' && model !== 'whisper-1';
    return { audio, language: language === null ? 'en' : String(language), stream };
  } catch {
    return refused(400, 'The audio file could not be decoded.', { param: 'file' });
  }
}

async function formOf(body: Buffer, contentType: string): Promise<FormData | undefined> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch {
    return undefined;
  }
}
