import { VOICE_NAMESPACE, type Direction, type Mode, type SessionRequest } from '@parley/contracts';
import { io } from 'socket.io-client';
import { ParleyClientError } from './client-error.js';
import type { ClientParts } from './client-parts.js';
import { systemClock } from './clock.js';
import { ParleyClient } from './parley-client.js';
import type { VoiceSocket } from './voice-socket.js';

/** How to reach a gateway and what to ask it for. */
export interface ConnectOptions {
  /**
   * The gateway: `http://`, `https://`, `ws://` or `wss://`, without the namespace. Several are tried in turn, when the
   * session is opened and when it is resumed.
   */
  url: string | readonly string[];
  /** @defaultValue the gateway's default agent */
  agent?: string;
  /** @defaultValue 'voice-to-voice' */
  mode?: Mode;
  /** @defaultValue 'en' */
  language?: string;
  /** Who has called: in an `outgoing` call the one who is called speaks first. @defaultValue 'incoming' */
  direction?: Direction;
  /** Length of the frames of the agent's voice, 10 to 200. @defaultValue 20 */
  frameMs?: number;
  /**
   * The application's speaker can be held: it stops at `audio_pause`, keeping what is queued, tells where by
   * `reportPlayout`, and goes on at `audio_resume`. Without it the speaker plays on what it has. @defaultValue false
   */
  pausable?: boolean;
  /** Until the session is accepted, connection included; several gateways share it. @defaultValue 10000 */
  connectTimeoutMs?: number;
  /** For the gateway to confirm a text or a hang-up. @defaultValue 5000 */
  ackTimeoutMs?: number;
  /** How much of the caller's voice may wait for a slow network; beyond it frames are dropped. @defaultValue 2000 */
  maxBacklogMs?: number;
  /**
   * Node only: the `http.Agent`, or `https.Agent`, that makes the connections, for one that goes through a proxy.
   * Browsers take no notice of it.
   */
  nodeAgent?: object;
  /** What is done about a lost connection; `false` for nothing: the client then closes with `connection_lost`. */
  resume?: ResumeOptions | false;
}

/** How a lost connection is replaced. */
export interface ResumeOptions {
  /** How long another connection is tried for; the gateway's window limits it. @defaultValue the gateway's window */
  windowMs?: number;
  /** How much of the caller's voice is kept to be sent again, and while there is no connection. @defaultValue 30000 */
  bufferMs?: number;
}

/** What a test brings of its own. */
export type ConnectParts = Pick<ClientParts, 'clock' | 'random'>;

/** Samples and bytes of one ms of the caller's voice: PCM16 16 kHz mono. */
const CALLER_SAMPLES_PER_MS = 16;
const CALLER_BYTES_PER_MS = 32;

/**
 * Opens a session on the gateway's socket.io door, over WebSocket only. Works in browsers and in Node. A connection that
 * is lost is replaced without a word from the application, see {@link ResumeOptions}.
 * @throws {ParleyClientError} `cannot_connect` (also for a URL that is none), `connect_timeout`, `connection_lost`,
 *   `protocol`, or the gateway's code, such as `unknown_agent` or `capacity_exceeded`
 * @example
 * const client = await connectParley({ url: 'http://localhost:8080' });
 * client.on('stt_output', ({ transcript }) => console.log(transcript));
 * client.on('audio', ({ pcm }) => speaker.write(pcm));
 * client.sendAudio(frame);
 */
export function connectParley(options: ConnectOptions): Promise<ParleyClient> {
  return connectParleyWith({ clock: systemClock, random: Math.random }, options);
}

/** As {@link connectParley}, with a clock and chance of one's own. */
export async function connectParleyWith(parts: ConnectParts, options: ConnectOptions): Promise<ParleyClient> {
  const { connectTimeoutMs = 10_000, ackTimeoutMs = 5_000, maxBacklogMs = 2_000, resume = {} } = options;
  const { windowMs = Infinity, bufferMs = 30_000 } = resume || { windowMs: 0 };
  const urls = [options.url].flat().map(namespaceUrl);
  if (urls.length === 0) throw new ParleyClientError('cannot_connect', 'no URL of a gateway is given');
  const client = new ParleyClient({
    ...parts,
    urls,
    pausable: options.pausable === true,
    socket: (url): VoiceSocket =>
      io(url, {
        transports: ['websocket'],
        autoConnect: false,
        forceNew: true,
        reconnection: false,
        timeout: connectTimeoutMs,
        // socket.io's type has not caught up with what it hands on.
        ...(options.nodeAgent && { agent: options.nodeAgent as unknown as boolean }),
      }),
    limits: {
      connectTimeoutMs,
      ackTimeoutMs,
      maxBacklogBytes: maxBacklogMs * CALLER_BYTES_PER_MS,
      resumeWindowMs: windowMs,
      bufferedSamples: bufferMs * CALLER_SAMPLES_PER_MS,
    },
  });
  const { agent, mode, language, direction, frameMs, pausable } = options;
  const resumable = windowMs > 0 ? true : undefined;
  const asked = { agent, mode, language, direction, frameMs, resumable, pausable };
  const request: SessionRequest = JSON.parse(JSON.stringify(asked));
  await client.open(request);
  return client;
}

function namespaceUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^(http|ws)s?:$/.test(parsed.protocol))
    throw new ParleyClientError('cannot_connect', `not the URL of a gateway: ${url}`);
  return parsed.origin + VOICE_NAMESPACE;
}
