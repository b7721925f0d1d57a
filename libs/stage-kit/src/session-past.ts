import type { SessionBus } from '@parley/bus';
import type { ClaimedStage, EventKind, ParleyEvent } from '@parley/contracts';
import { countQuickCrashes } from './crash-count.js';

/** What a session's log says before anybody begins to work on it. */
export interface SessionPast {
  /** The gateway that has resumed the session last; absent while the one that opened it holds it. */
  readonly gateway?: string;
  readonly isClosed: boolean;
  /** @see countQuickCrashes */
  readonly quickCrashes: number;
}

/** The past of a session that had no owner before. */
export const NO_PAST: SessionPast = { isClosed: false, quickCrashes: 0 };

/** Owners that crashed in a row from which on a session is opened alone. */
export const SUSPECT_AFTER = 2;

/**
 * Reads a session's past, without taking it. Of a session that is no suspect only the crashes are told, because its
 * owner reads the rest in any case.
 * @throws {BusError} `unavailable`
 */
export async function readPast(bus: SessionBus, stage: ClaimedStage, sessionId: string): Promise<SessionPast> {
  const quickCrashes = countQuickCrashes(await readEvents(bus, sessionId, 'stage'), stage, bus.replica);
  if (quickCrashes < SUSPECT_AFTER) return { isClosed: false, quickCrashes };
  const events = await readEvents(bus, sessionId, 'session');
  const resumed = events.findLast((event) => event.type === 'session.resumed');
  return {
    ...(resumed && { gateway: resumed.replica }),
    isClosed: events.some(({ type }) => type === 'session.closed'),
    quickCrashes,
  };
}

async function readEvents(bus: SessionBus, sessionId: string, kind: EventKind): Promise<ParleyEvent[]> {
  const events: ParleyEvent[] = [];
  const feed = await bus.feed({ sessionId, kinds: [kind], onEvent: (event) => events.push(event) });
  feed.close();
  return events;
}
