import { isDeepStrictEqual } from 'node:util';
import type { SessionBus } from '@parley/bus';
import type { ParleyEvent } from '@parley/contracts';
import type { StageLogic, StageSession } from './stage-logic.js';

/** How a {@link checkFold} came out. */
export type FoldCheckOutcome =
  /** The live state is the fold of the log. */
  | 'same'
  /** It is not: a new owner would go on from something else. */
  | 'diverged'
  /** The session went on meanwhile, or something is always going on in it: nothing can be said. */
  | 'moved';

/** An event that was written before the live state was read may be stored after the log was. */
const ATTEMPTS = 3;
const RETRY_MS = 300;

/**
 * Compares what a session's owner knows with what a new owner would know. Reads the log through a feed of its own.
 * @throws {BusError} `unavailable`
 */
export async function checkFold(
  bus: SessionBus,
  logic: StageLogic,
  sessionId: string,
  session: StageSession,
): Promise<FoldCheckOutcome> {
  const live = session.stateAtRest?.();
  if (live === undefined || !logic.foldAtRest) return 'moved';
  for (let attempt = 1; ; attempt++) {
    const folded = logic.foldAtRest(await eventsOf(bus, logic, sessionId));
    if (!isDeepStrictEqual(session.stateAtRest?.(), live)) return 'moved';
    if (isDeepStrictEqual(folded, live)) return 'same';
    if (attempt === ATTEMPTS) return 'diverged';
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function eventsOf(bus: SessionBus, { kinds }: StageLogic, sessionId: string): Promise<ParleyEvent[]> {
  const events: ParleyEvent[] = [];
  const feed = await bus.feed({
    sessionId,
    kinds: [...new Set([...kinds, 'session' as const, 'stage' as const])],
    onEvent: (event) => events.push(event),
  });
  feed.close();
  return events;
}
