import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { deadline } from '../deadline.js';
import { readScripted } from '../engines/index.js';
import { startElevenLabsEmulator } from './elevenlabs.js';
import type { Emulator } from './emulator.js';

type Message = Record<string, unknown>;

const VOICE = '/v1/text-to-speech/scripted';
const QUERY = '?model_id=eleven_flash_v2_5&output_format=pcm_16000';
const headers = { 'xi-api-key': 'key' };
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startElevenLabsEmulator();
});
afterAll(() => emulator.stop());

/** All that is said on a socket until it closes, and how it closed. */
async function converse(path: string, ...sent: Message[]): Promise<{ heard: Message[]; code: number }> {
  const socket = new WebSocket(`${emulator.wsUrl}${path}`, { headers });
  const heard: Message[] = [];
  socket.on('open', () => sent.forEach((message) => socket.send(JSON.stringify(message))));
  socket.on('message', (data) => heard.push(JSON.parse((data as Buffer).toString()) as Message));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  return { heard, code: await deadline(closed, 5000, 'close') };
}

function pcmOf(audio: Buffer): Int16Array {
  return new Int16Array(Math.floor(audio.length / 2)).map((_, n) => audio.readInt16LE(2 * n));
}

const audioIn = (messages: Message[]) =>
  Buffer.concat(messages.map(({ audio }) => Buffer.from(typeof audio === 'string' ? audio : '', 'base64')));

describe('the ElevenLabs emulator', () => {
  it('speaks one text on a socket for one, and closes', async () => {
    const { heard, code } = await converse(
      `${VOICE}/stream-input${QUERY}`,
      { text: ' ' },
      { text: 'Hello there. ', flush: true },
      { text: '' },
    );
    expect(readScripted(pcmOf(audioIn(heard))).text).toBe('Hello there.');
    expect(heard.at(-1)).toEqual({ isFinal: true, audio: null });
    expect(heard[0]).toMatchObject({ isFinal: null, alignment: { chars: expect.any(Array) } });
    expect(code).toBe(1000);
  });

  it.each<[string, Message[]]>([
    ['invalid_input_message', [{ text: 'Hello', context_id: 'a' }]],
    [
      'invalid_input_message',
      [
        { text: ' ', context_id: 'a' },
        { text: 'b', context_id: 'a', voice_settings: { speed: 1 } },
      ],
    ],
    ['max_active_conversations', ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ text: ' ', context_id: id }))],
    [
      'max_active_conversations',
      [{ text: '' }, ...['a', 'b', 'c', 'd', 'e'].map((id) => ({ text: ' ', context_id: id }))],
    ],
  ])('ends a socket for many texts with %s', async (error, sent) => {
    const { heard, code } = await converse(`${VOICE}/multi-stream-input${QUERY}`, ...sent);
    expect(heard.at(-1)).toMatchObject({ error, code: 1008 });
    expect(code).toBe(1008);
  });

  it.each<[string, Message]>([
    [
      'chunk_size_exceeded',
      { message_type: 'input_audio_chunk', audio_base_64: Buffer.alloc(40_000).toString('base64') },
    ],
    ['input_error', { message_type: 'input_audio_chunk' }],
  ])('ends a realtime session with %s', async (kind, sent) => {
    const { heard } = await converse('/v1/speech-to-text/realtime?model_id=scribe_v2_realtime', sent);
    expect(heard.map((message) => message.message_type)).toEqual(['session_started', kind]);
  });

  it.each(['', '/stream', '/with-timestamps', '/stream/with-timestamps'])('answers %j', async (kind) => {
    const body = JSON.stringify({ text: 'Hello there.', model_id: 'eleven_flash_v2_5' });
    const answer = await fetch(`${emulator.url}${VOICE}${kind}?output_format=pcm_16000`, {
      method: 'POST',
      headers,
      body,
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const lines = () =>
      bytes
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Message);
    const audio = kind.endsWith('timestamps')
      ? audioIn(lines().map(({ audio_base64 }) => ({ audio: audio_base64 })))
      : bytes;
    expect(readScripted(pcmOf(audio)).text).toBe('Hello there.');
  });

  it.each([
    [404, `${VOICE}x/stream?output_format=pcm_16000`, '{"text":"a"}'],
    [403, `${VOICE}/stream?output_format=mp3_44100_192`, '{"text":"a"}'],
    [422, `${VOICE}/stream?output_format=pcm_16000`, '{}'],
  ])('refuses with %d', async (status, path, body) => {
    const answer = await fetch(`${emulator.url}${path}`, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toHaveProperty('detail');
  });
});
