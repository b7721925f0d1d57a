import type { Clock } from './clock.js';
import type { VoiceSocket } from './voice-socket.js';

/** Limits of one client. */
export interface ClientLimits {
  connectTimeoutMs: number;
  ackTimeoutMs: number;
  maxBacklogBytes: number;
  /** Longest time a lost connection is replaced in; 0 for not at all. */
  resumeWindowMs: number;
  /** Caller's voice that is kept to be sent again. */
  bufferedSamples: number;
}

/** What a client is made of. */
export interface ClientParts {
  /** The gateways, tried in turn. */
  urls: readonly string[];
  /** The application's speaker can be held. */
  pausable: boolean;
  /** A socket to one of them, not connected yet. */
  socket(url: string): VoiceSocket;
  limits: ClientLimits;
  clock: Clock;
  /** From 0 to 1. */
  random(): number;
}
