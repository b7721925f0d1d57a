import { randomUUID } from 'node:crypto';
import type { TextToSpeech } from '@parley/ports';
import { createScriptedTextToSpeech } from '../engines/index.js';
import { CartesiaSocket } from './cartesia-socket.js';
import { Emulator, type RecordedRequest, type Rejection } from './emulator.js';
import type { Fault } from './faults.js';

/** How Cartesia is emulated. */
export interface CartesiaEmulatorOptions {
  /** Who speaks. @defaultValue the scripted voice, in every rate of Cartesia's */
  voice?: TextToSpeech;
  /** @defaultValue any that is free */
  port?: number;
  /** Ids of voices; others are not found. @defaultValue every id is one */
  voices?: readonly string[];
  /** Contexts at a time, over all sockets; one more is refused. @defaultValue unlimited */
  maxContexts?: number;
  /** A socket that has said nothing for so long is closed, in ms. @defaultValue 300000 */
  idleMs?: number;
  /** Chunks of a context that come although it was cancelled. @defaultValue 1 */
  lateChunks?: number;
  /** Bytes of voice in a chunk, though they cut samples. @defaultValue as the voice comes */
  chunkBytes?: number;
  /** Word times come after the voice that they are of. @defaultValue false: before */
  lateWords?: boolean;
}

/** Rates of Cartesia's raw audio. */
const SAMPLE_RATES_HZ = [8000, 16_000, 22_050, 24_000, 44_100, 48_000];

/**
 * Cartesia on this machine: text to speech over the WebSocket, as version 2026-03-01 of the API and later speak it.
 * Errors of one context leave the socket open.
 */
export function startCartesiaEmulator(options: CartesiaEmulatorOptions = {}): Promise<Emulator> {
  const { voice = createScriptedTextToSpeech({ sampleRatesHz: SAMPLE_RATES_HZ }) } = options;
  const contexts = new Set<string>();
  return Emulator.start(
    {
      rejection,
      refusal,
      onSocket: (socket, _request, fault) => void new CartesiaSocket(socket, { ...options, voice, contexts, fault }),
    },
    options.port,
  );
}

function refusal({ url, headers }: RecordedRequest): Rejection | undefined {
  if (url.pathname !== '/tts/websocket') return refused(404, null, 'Not found');
  const key = headers.authorization?.match(/^Bearer (.+)$/)?.[1] ?? headers['x-api-key'];
  if (!(key ?? url.searchParams.get('api_key'))) return refused(401, null, 'Unauthorized');
  const version = url.searchParams.get('cartesia_version') ?? String(headers['cartesia-version'] ?? '');
  return /^\d{4}-\d\d-\d\d$/.test(version) ? undefined : refused(400, null, 'Invalid API version');
}

function rejection(fault: Fault): Rejection | undefined {
  switch (fault) {
    case 'rate_limited':
      return {
        ...refused(429, 'concurrency_limited', 'Too many concurrent requests'),
        headers: { 'retry-after': '2' },
      };
    case 'rate_limited_bare':
      return refused(429, 'concurrency_limited', 'Too many concurrent requests');
    case 'server_error':
      return refused(500, null, 'Internal server error');
    case 'auth':
      return refused(401, null, 'Invalid API key');
    case 'quota':
      return refused(402, 'quota_exceeded', 'Credit limit reached');
    default:
      return undefined;
  }
}

function refused(status: number, errorCode: string | null, title: string): Rejection {
  return { status, body: { error_code: errorCode, title, message: `${title}.`, request_id: randomUUID() } };
}
