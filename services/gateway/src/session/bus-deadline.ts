import type { CallSession } from './call-session.js';
import { EdgeError } from './edge-error.js';
import type { GatewayParts } from './gateway-parts.js';

/**
 * Waits for a session to be opened or taken over on the bus, but no longer than a deadline.
 * @param giveUp called with a session that comes too late
 * @throws {EdgeError} what the opening was refused with, or `bus_unavailable` when the deadline passes or the broker fails
 */
export async function withinDeadline(
  { clock, log }: Pick<GatewayParts, 'clock' | 'log'>,
  timeoutMs: number,
  opening: Promise<CallSession>,
  giveUp: (session: CallSession) => unknown,
): Promise<CallSession> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(timeoutMs, () => reject(new EdgeError('bus_unavailable')));
  });
  try {
    return await Promise.race([opening, late]);
  } catch (cause) {
    opening.then(giveUp, (err: unknown) => {
      if (!(err instanceof EdgeError)) log.limited('session.open', 'error', { err }, 'no session was opened');
    });
    if (cause instanceof EdgeError) throw cause;
    throw new EdgeError('bus_unavailable', undefined, { cause });
  } finally {
    cancel();
  }
}
