import type { EventType, Payload } from '@parley/contracts';
import { errorOf } from '@parley/telemetry';
import type { OwnedSession } from './stage-logic.js';

/**
 * Writes an event on which nothing waits. What is not stored is logged here, and counted by the bus.
 * @returns whether it was stored
 */
export function publishOrLog<T extends EventType>(
  { writer, log }: Pick<OwnedSession, 'writer' | 'log'>,
  type: T,
  payload: Payload<T>,
): Promise<boolean> {
  return writer.publish(type, payload).then(
    () => true,
    (error: unknown) => {
      log.limited('publish', 'warn', errorOf(error), 'an event was not stored');
      return false;
    },
  );
}
