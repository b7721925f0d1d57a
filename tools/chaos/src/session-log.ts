import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionBus } from '@parley/bus';
import { EVENT_KINDS, type EventKind, type ParleyEvent } from '@parley/contracts';

/** What a new owner would read of a session at this moment, of all kinds or some. @throws {BusError} `unavailable` */
export async function readSessionLog(
  bus: SessionBus,
  sessionId: string,
  kinds: readonly EventKind[] = EVENT_KINDS,
): Promise<ParleyEvent[]> {
  const events: ParleyEvent[] = [];
  const feed = await bus.feed({ sessionId, kinds, onEvent: (event) => events.push(event) });
  feed.close();
  return events;
}

/** Reads a session's log once it is closed, or as it is at the deadline. Tries again while the broker is away. */
export async function readClosedLog(bus: SessionBus, sessionId: string, deadlineMs: number): Promise<ParleyEvent[]> {
  const deadlineAtMs = performance.now() + deadlineMs;
  for (;;) {
    const log = await readSessionLog(bus, sessionId).catch(() => undefined);
    if (log?.some(({ type }) => type === 'session.closed')) return settled(bus, sessionId, log);
    if (performance.now() > deadlineAtMs) return log ?? [];
    await sleep(250);
  }
}

/** Owners still write the end of what they were doing for a moment after a session is closed. */
async function settled(bus: SessionBus, sessionId: string, closed: ParleyEvent[]): Promise<ParleyEvent[]> {
  await sleep(500);
  return readSessionLog(bus, sessionId).catch(() => closed);
}
