import { ContractError } from './contract-error.js';
import { assertSessionId, isSessionId } from './session-id.js';
import type { ClaimedStage, Stage } from './stages.js';

/** Prefix of every subject of wire contract v1. */
export const PREFIX = 'parley.v1';

/** What a session's events are about; the token before the session id in the subject. */
export const EVENT_KINDS = ['session', 'stage', 'speech', 'transcript', 'reply', 'synthesis', 'playout'] as const;

/** One of the kinds of events kept in `PARLEY_EVENTS`. */
export type EventKind = (typeof EVENT_KINDS)[number];

/** Direction of voice: `in` from the caller, `out` from the agent. */
export type AudioDirection = 'in' | 'out';

/** A subject taken apart. */
export type ParsedSubject =
  | { type: 'event'; kind: EventKind; sessionId: string }
  | { type: 'text'; sessionId: string }
  | { type: 'audio'; direction: AudioDirection; sessionId: string };

/** Builders of every subject of wire contract v1. Ids are checked, so that none can reach another's subject. */
export const subjects = {
  audio: (direction: AudioDirection, sessionId: string) => `${PREFIX}.audio.${direction}.${assertSessionId(sessionId)}`,
  event: (kind: EventKind, sessionId: string) => `${PREFIX}.${kind}.${assertSessionId(sessionId)}`,
  /** Token-by-token text for clients: live only, not kept. */
  text: (sessionId: string) => `${PREFIX}.text.${assertSessionId(sessionId)}`,
  claim: (stage: ClaimedStage) => `${PREFIX}.claim.${stage}`,
  /** Heartbeat of a replica: live only, not kept. */
  presence: (stage: Stage, replica: string) => `${PREFIX}.presence.${stage}.${assertSessionId(replica)}`,
  rpc: (service: Stage, method: string) => `${PREFIX}.rpc.${service}.${method}`,
  allAudio: () => `${PREFIX}.audio.>`,
  allEvents: (kind: EventKind) => `${PREFIX}.${kind}.*`,
  allClaims: () => `${PREFIX}.claim.*`,
  allPresence: () => `${PREFIX}.presence.*.*`,
} as const;

/**
 * Takes a session's subject apart.
 * @throws {ContractError} `invalid_subject` for anything but a session's audio, event or text subject of v1
 */
export function parseSubject(subject: string): ParsedSubject {
  const [root, version, kind, a, b, ...rest] = subject.split('.');
  if (`${root}.${version}` === PREFIX && rest.length === 0) {
    if (kind === 'audio' && (a === 'in' || a === 'out') && isSessionId(b)) {
      return { type: 'audio', direction: a, sessionId: b };
    }
    if (b === undefined && isSessionId(a)) {
      if (kind === 'text') return { type: 'text', sessionId: a };
      if ((EVENT_KINDS as readonly string[]).includes(kind ?? '')) {
        return { type: 'event', kind: kind as EventKind, sessionId: a };
      }
    }
  }
  throw new ContractError('invalid_subject', `not a session's subject of ${PREFIX}: ${subject}`);
}
