import type { CallerMessage, EdgeAck } from '@parley/contracts';
import { ParleyClientError, refusal } from './client-error.js';
import type { Clock } from './clock.js';

/** Sends a message and hands on the gateway's answer, if one comes. */
export type SendMessage = (message: CallerMessage, onAck: (ack: EdgeAck | undefined) => void) => void;

/**
 * Sends a message once; resolves when the gateway has taken it.
 * @throws {ParleyClientError} `ack_timeout`, or the gateway's code
 */
export function sendConfirmed(
  message: CallerMessage,
  send: SendMessage,
  clock: Clock,
  ackTimeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = new ParleyClientError('ack_timeout', `the gateway did not confirm ${message.type}`);
    const cancel = clock.after(ackTimeoutMs, () => reject(late));
    send(message, (ack) => {
      cancel();
      if (ack?.ok) resolve();
      else reject(refusal(ack));
    });
  });
}
