import { randomUUID } from 'node:crypto';
import type { RecordedRequest, Rejection } from './emulator.js';
import type { Fault } from './faults.js';

/** How Deepgram refuses an upgrade because of a fault; its broken service is said on the socket by Flux alone. */
export function refusalOfFault(fault: Fault): Rejection | undefined {
  switch (fault) {
    case 'auth':
      return refuse(401, 'INVALID_AUTH', 'Invalid credentials.');
    case 'quota':
      return refuse(402, 'ASR_PAYMENT_REQUIRED', 'Project does not have enough credits for an ASR request.');
    case 'rate_limited':
      return refuse(429, 'TOO_MANY_REQUESTS', 'Too many requests. Please try again later.', { 'retry-after': '2' });
    case 'rate_limited_bare':
      return refuse(429, 'TOO_MANY_REQUESTS', 'Too many requests. Please try again later.');
    default:
      return undefined;
  }
}

/** How Deepgram refuses an upgrade that it cannot serve. */
export function refusalOfRequest({ url, headers }: RecordedRequest, path: string): Rejection | undefined {
  const { searchParams: query } = url;
  const invalid = (what: string) => refuse(400, 'INVALID_QUERY_PARAMETER', `Failed to deserialize query parameters: ${what}`); // prettier-ignore
  if (url.pathname !== path) return refuse(404, 'NOT_FOUND', 'Not found.');
  if (!/^(Token|Bearer) \S+$/.test(headers.authorization ?? ''))
    return refuse(401, 'INVALID_AUTH', 'Invalid credentials.');
  if (!query.get('model')) return invalid('missing field `model`');
  if (query.get('encoding') !== 'linear16') return invalid('this emulator hears `linear16` alone');
  if (!(Number(query.get('sample_rate')) >= 8000)) return invalid('`sample_rate`');
  return path === '/v1/listen' ? refusalOfNova(query, invalid) : refusalOfFlux(query, invalid);
}

/** A refusal as Deepgram writes it, in a body and a header. */
export function refuse(status: number, code: string, message: string, headers: Record<string, string> = {}): Rejection {
  const request_id = randomUUID();
  return {
    status,
    headers: { 'dg-request-id': request_id, 'dg-error': message, ...headers },
    body: { err_code: code, err_msg: message, request_id },
  };
}

function refusalOfNova(query: URLSearchParams, invalid: (what: string) => Rejection): Rejection | undefined {
  const utteranceEnd = query.get('utterance_end_ms');
  const isNova3 = /^nova-3(-|$)/.test(query.get('model') ?? '');
  if (/flux/.test(query.get('model') ?? '')) return invalid('Flux is served by /v2/listen');
  if (utteranceEnd !== null && !(Number(utteranceEnd) >= 1000)) return invalid('`utterance_end_ms` is below 1000');
  if (utteranceEnd !== null && query.get('interim_results') !== 'true') return invalid('`interim_results` is needed');
  if (isNova3 && query.has('keywords')) return invalid('`keywords` are not supported for Nova-3');
  if (!isNova3 && query.has('keyterm')) return invalid('`keyterm` is for Nova-3 alone');
  return undefined;
}

function refusalOfFlux(query: URLSearchParams, invalid: (what: string) => Rejection): Rejection | undefined {
  const isOutside = (name: string, least: number, most: number) =>
    query.has(name) && !(Number(query.get(name)) >= least && Number(query.get(name)) <= most);
  if (!/^flux-general-(en|multi)$/.test(query.get('model') ?? '')) return invalid('`model`');
  if (isOutside('eot_threshold', 0.5, 1)) return invalid('`eot_threshold`');
  if (isOutside('eager_eot_threshold', 0.3, 0.9)) return invalid('`eager_eot_threshold`');
  if (isOutside('eot_timeout_ms', 500, 60_000)) return invalid('`eot_timeout_ms`');
  if (query.has('language_hint') && query.get('model') !== 'flux-general-multi') return invalid('`language_hint`');
  return undefined;
}
