import type { SessionWriter } from '@parley/bus';
import { ERROR_CODES } from '@parley/contracts';
import { errorOf, type Log } from '@parley/telemetry';
import type { CloseReason } from './stage-logic.js';

/**
 * Writes the last that an owner tells of a session, stored when this resolves: that the session is over, where it is
 * the owner who closes it, and `stage.released`. Without the latter the session can be given up all the same.
 * @throws {BusError} `publish_failed`, `writer_closed` when the session could not be closed
 */
export async function takeLeave(writer: SessionWriter, replica: string, reason: CloseReason, log: Log): Promise<void> {
  if (reason === 'poisoned') {
    const { message, retryable } = ERROR_CODES.session_poisoned;
    await writer.publish('stage.failed', { code: 'session_poisoned', message, retryable });
    await writer.publish('session.closed', { reason: 'session_poisoned' });
  } else if (reason === 'orphaned') {
    await writer.publish('session.closed', { reason: 'resume_expired' });
  }
  await writer
    .publish('stage.released', { replica, reason })
    .catch((error: unknown) => log.warn(errorOf(error), 'the log could not be told that the session is released'));
}
