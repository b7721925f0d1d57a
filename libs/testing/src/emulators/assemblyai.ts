import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { SpeechToText } from '@parley/ports';
import type { WebSocket } from 'ws';
import { createScriptedSpeechToText } from '../engines/index.js';
import { readParameters } from './assemblyai-parameters.js';
import { AssemblyAiEmulatedSession } from './assemblyai-session.js';
import { Emulator, type RecordedRequest, type Rejection } from './emulator.js';
import type { Fault } from './faults.js';

/** How the emulated AssemblyAI behaves. */
export interface AssemblyAiEmulatorOptions {
  /** What it hears by. @defaultValue the scripted engine */
  ears?: SpeechToText;
  /** @defaultValue any that is free */
  port?: number;
  /** The key that it takes. @defaultValue any */
  apiKey?: string;
  /** With `format_turns`, ends of turns are said twice, plain and then formatted, as older servers do. @defaultValue true */
  formatsInSecond?: boolean;
  /** A forced end of a turn without words is answered by an empty turn. @defaultValue false */
  answersEmptyForce?: boolean;
  /** Sessions at a time. @defaultValue unlimited */
  maxSessions?: number;
  /** @defaultValue 10 800, which is 3 hours */
  maxSessionSeconds?: number;
  /** How far audio may be ahead of the time it takes to speak it, in ms. @defaultValue unlimited */
  maxAheadMs?: number;
  /** How long a second of a session's limits takes here, in ms. @defaultValue 1000 */
  secondMs?: number;
  /** Told of each session that has begun; for tests that say something of their own. */
  onSession?(session: AssemblyAiEmulatedSession): void;
}

/**
 * AssemblyAI's streaming API (v3) on this machine: Universal-Streaming and Universal-3, as the client asks for. Finds the
 * ends of turns itself, by loudness and by what its ears have understood.
 */
export async function startAssemblyAiEmulator(options: AssemblyAiEmulatorOptions = {}): Promise<Emulator> {
  const { ears = createScriptedSpeechToText({ latencyMs: 5 }), port, apiKey, maxSessions = Infinity } = options;
  /** When each expires, in ms since the epoch. */
  const tokens = new Map<string, number>();
  const sessions = new Set<AssemblyAiEmulatedSession>();

  async function onSocket(socket: WebSocket, { url, headers }: RecordedRequest, fault?: Fault): Promise<void> {
    const session = new AssemblyAiEmulatedSession(socket, { ...options, ears, fault });
    const refuse = (code: number, error: string) => session.end(code, error);
    if (url.pathname !== '/v3/ws') return socket.close(1008);
    const token = url.searchParams.get('token');
    const { authorization: key } = headers;
    if (token === null && !key) return refuse(1008, 'Unauthorized Connection: Missing Authorization header');
    const isKnown = token === null ? key === (apiKey ?? key) && !/^bearer /i.test(key ?? '') : tokens.has(token);
    if (!isKnown || fault === 'auth') return refuse(1008, 'Unauthorized Connection: Invalid API key');
    if (token !== null && (tokens.get(token) ?? 0) < Date.now()) {
      return refuse(1008, 'Unauthorized Connection: Signature has expired');
    }
    if (fault === 'quota') return refuse(4002, 'Insufficient funds');
    if (fault === 'rate_limited_bare' || sessions.size >= maxSessions) {
      return refuse(3009, 'Unauthorized Connection: Too many concurrent sessions');
    }
    const parameters = readParameters(url.searchParams);
    if (typeof parameters === 'string') return refuse(3006, `User Input Validation Error: ${parameters}`);
    sessions.add(session);
    socket.once('close', () => sessions.delete(session));
    await session.run(parameters);
  }

  function onRequest({ method, url, headers }: RecordedRequest, response: ServerResponse): void {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const invalid = (loc: string[], type: string) => answer(422, { detail: [{ type, loc }] });
    if (method !== 'GET' || url.pathname !== '/v3/token') return answer(404, { detail: 'Not Found' });
    const key = headers.authorization?.replace(/^bearer /i, '');
    const seconds = Number(url.searchParams.get('expires_in_seconds'));
    const sessionSeconds = Number(url.searchParams.get('max_session_duration_seconds') ?? 10_800);
    if (!key) return invalid(['header', 'authorization'], 'missing');
    if (apiKey !== undefined && key !== apiKey) return answer(401, { error: 'Unauthorized' });
    if (!(seconds >= 1 && seconds <= 600)) return invalid(['query', 'expires_in_seconds'], 'out_of_range');
    if (!(sessionSeconds >= 60 && sessionSeconds <= 10_800)) return invalid(['query', 'max_session_duration_seconds'], 'out_of_range'); // prettier-ignore
    const token = randomUUID();
    tokens.set(token, Date.now() + seconds * 1000);
    answer(200, { token, expires_in_seconds: seconds });
  }

  return Emulator.start({ rejection, onRequest, onSocket }, port);
}

/** What comes before the service itself answers by status; the service lets everybody in and says what is wrong there. */
function rejection(fault: Fault): Rejection | undefined {
  if (fault !== 'rate_limited') return undefined;
  return { status: 429, headers: { 'retry-after': '2' }, body: { error: 'Too many requests' } };
}
