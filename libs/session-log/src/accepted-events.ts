import { decodeEvent, kindOf, type ParleyEvent, type Stage } from '@parley/contracts';
import type { LoggedMessage } from './logged-message.js';

/** What became of a message when its session's log was read. */
export type Verdict =
  /** Readers see it. */
  | 'accepted'
  /** A newer owner of the stage had begun. */
  | 'fenced'
  /** The same event stands in the log already. */
  | 'duplicate'
  /** Of a type this build does not know. */
  | 'unknown'
  /** No event. */
  | 'invalid';

/** A message of the log, read. */
export interface ReadMessage {
  message: LoggedMessage;
  /** Absent when it is `unknown` or `invalid`. */
  event?: ParleyEvent;
  verdict: Verdict;
}

/**
 * Reads a log as every reader on the bus does: nothing of an owner after a newer one's first mark, each event once, and
 * what one owner wrote of one kind in the order in which it was written, wherever a retry put it. Pure.
 * @param messages events in the order of the stream
 */
export function readLog(messages: readonly LoggedMessage[]): ReadMessage[] {
  const floors = new Map<Stage, number>();
  const seen = new Set<string>();
  return inWritingOrder(messages.map(decode)).map(({ message, event, verdict }) => {
    if (!event) return { message, verdict };
    const { stage, epoch } = event;
    if (epoch < (floors.get(stage) ?? 0)) return { message, event, verdict: 'fenced' };
    const id = `${laneOf(event)}/${event.seq}`;
    if (seen.has(id)) return { message, event, verdict: 'duplicate' };
    seen.add(id);
    if (event.type === 'stage.claimed' || event.type === 'session.resumed') floors.set(stage, epoch);
    return { message, event, verdict: 'accepted' };
  });
}

/** The events that readers see, in their order. Pure. */
export function acceptedEvents(messages: readonly LoggedMessage[]): ParleyEvent[] {
  return readLog(messages).flatMap(({ event, verdict }) => (event && verdict === 'accepted' ? [event] : []));
}

function decode(message: LoggedMessage): ReadMessage {
  try {
    const event = decodeEvent(message.data);
    return event ? { message, event, verdict: 'accepted' } : { message, verdict: 'unknown' };
  } catch {
    return { message, verdict: 'invalid' };
  }
}

/** One owner's events of one kind, sorted among the places they have. */
function inWritingOrder(read: ReadMessage[]): ReadMessage[] {
  const lanes = new Map<string, number[]>();
  for (const [at, { event }] of read.entries()) {
    if (!event) continue;
    const places = lanes.get(laneOf(event)) ?? [];
    places.push(at);
    lanes.set(laneOf(event), places);
  }
  const ordered = [...read];
  for (const places of lanes.values()) {
    const sorted = places.map((at) => read[at] as ReadMessage).sort((a, b) => seqOf(a) - seqOf(b));
    for (const [n, at] of places.entries()) ordered[at] = sorted[n] as ReadMessage;
  }
  return ordered;
}

function laneOf({ type, stage, epoch }: ParleyEvent): string {
  return `${kindOf(type)}/${stage}/${epoch}`;
}

function seqOf({ event }: ReadMessage): number {
  return event?.seq ?? 0;
}
