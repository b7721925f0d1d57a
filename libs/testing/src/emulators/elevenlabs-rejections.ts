import type { Rejection } from './emulator.js';
import type { Fault } from './faults.js';

/** What the provider calls a fault, where it is one that it refuses a request or a socket with. */
export const ELEVENLABS_KINDS: Readonly<Partial<Record<Fault, { realtime: string; speech: string }>>> = {
  rate_limited: { realtime: 'rate_limited', speech: 'too_many_concurrent_requests' },
  rate_limited_bare: { realtime: 'rate_limited', speech: 'too_many_concurrent_requests' },
  server_error: { realtime: 'transcriber_error', speech: 'internal_server_error' },
  auth: { realtime: 'auth_error', speech: 'invalid_api_key' },
  quota: { realtime: 'quota_exceeded', speech: 'quota_exceeded' },
};

/** An error as the provider answers a request with it. */
export function elevenLabsRejection(status: number, kind: string, headers: Record<string, string> = {}): Rejection {
  return { status, headers, body: { detail: { status: kind, message: `The request was refused: ${kind}.` } } };
}

/** The same faults by HTTP. */
export const ELEVENLABS_REJECTIONS: Readonly<Partial<Record<Fault, Rejection>>> = {
  rate_limited: elevenLabsRejection(429, 'too_many_concurrent_requests', { 'retry-after': '2' }),
  rate_limited_bare: elevenLabsRejection(429, 'too_many_concurrent_requests'),
  server_error: elevenLabsRejection(500, 'internal_server_error'),
  auth: elevenLabsRejection(401, 'invalid_api_key'),
  quota: elevenLabsRejection(401, 'quota_exceeded'),
};
