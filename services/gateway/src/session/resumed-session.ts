import type { AudioFrame, EventOf, ParleyEvent, SeenEvents } from '@parley/contracts';
import { CALLER_SAMPLE_RATE_HZ } from './caller-audio.js';
import { resumePlayout, type ResumedPlayout } from './resumed-playout.js';
import type { Resumption } from './session-settings.js';

/** Most voice that a caller may send again faster than real time. */
const MAX_RESENT_MS = 60_000;

/** What is known of a session that another gateway had, or this one before the connection was lost. */
export interface ResumedSession {
  /** What its caller was told. */
  seen: SeenEvents;
  /** Samples of the caller's voice that are in the log, or lost for good. */
  receivedSamples: number;
  /** Voice that the caller may send again faster than real time. */
  resentMs: number;
  /** Since the session was opened. */
  ageMs: number;
  playout: ResumedPlayout;
  /** How long the former gateway went on serving the caller beyond what the caller said to have. */
  servedMs: number;
}

/**
 * Works out where a session stands from its log and the word of its caller.
 * @param newestFrame of the caller's voice, when the stream holds any
 */
export function resumedSession(
  { seen, received, sent, kept }: Resumption,
  opened: EventOf<'session.opened'>,
  log: readonly ParleyEvent[],
  newestFrame: AudioFrame | undefined,
): ResumedSession {
  const logged = newestFrame ? newestFrame.pts + newestFrame.payload.byteLength / 2 : transcribedSamples(log);
  // What the caller has no more is passed over.
  const isKeptLater = kept !== undefined && sent !== undefined && kept <= sent && kept > logged;
  const receivedSamples = isKeptLater ? kept : logged;
  const resentMs = Math.max(0, (sent ?? 0) - receivedSamples) / (CALLER_SAMPLE_RATE_HZ / 1000);
  return {
    seen,
    receivedSamples,
    resentMs: Math.min(resentMs, MAX_RESENT_MS),
    ageMs: Math.max(0, Date.now() - opened.at),
    playout: resumePlayout(log, received),
    servedMs: 0,
  };
}

/** How far the caller's voice is known to have come when the stream holds none of it. */
function transcribedSamples(log: readonly ParleyEvent[]): number {
  return log.reduce((samples, event) => {
    if (event.type === 'transcript.final' || event.type === 'turn.ended') return Math.max(samples, event.endPts);
    return samples;
  }, 0);
}
