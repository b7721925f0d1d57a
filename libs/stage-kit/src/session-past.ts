import type { SessionBus } from '@parley/bus';
import type { ClaimedStage, ParleyEvent } from '@parley/contracts';
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

/**
 * Reads a session's past, without taking it.
 * @throws {BusError} `unavailable`
 */
export async function readPast(bus: SessionBus, stage: ClaimedStage, sessionId: string): Promise<SessionPast> {
  const events: ParleyEvent[] = [];
  const feed = await bus.feed({ sessionId, kinds: ['session', 'stage'], onEvent: (event) => events.push(event) });
  feed.close();
  const resumed = events.findLast((event) => event.type === 'session.resumed');
  return {
    ...(resumed && { gateway: resumed.replica }),
    isClosed: events.some(({ type }) => type === 'session.closed'),
    quickCrashes: countQuickCrashes(events, stage, bus.replica),
  };
}
