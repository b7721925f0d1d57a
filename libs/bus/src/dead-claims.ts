import { subjects, type ClaimedStage } from '@parley/contracts';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { STREAMS } from './streams.js';

const ACK = new TextEncoder().encode('+ACK');

/**
 * Lets a stage's claim consumer forget claims that it waits for though the stream has them no more. A server that was
 * killed may come back with such: its consumers' state and its streams are written to the disk apart. One before 2.11
 * stops at each when its turn comes to be delivered again, and new sessions wait behind them, for ever if there
 * are many. Only what the stream itself calls deleted is acknowledged, so that a claim that is there is never touched.
 * @returns how many were found
 * @throws what the client throws when the broker does not answer
 */
export async function forgetDeadClaims(
  connection: NatsConnection,
  manager: JetStreamManager,
  stage: ClaimedStage,
): Promise<number> {
  const subject = subjects.claim(stage);
  const [consumer, { state }] = await Promise.all([
    manager.consumers.info(STREAMS.claims, stage),
    manager.streams.info(STREAMS.claims, { subjects_filter: subject }),
  ]);
  const delivered = (state.subjects?.[subject] ?? 0) - consumer.num_pending;
  const dead = consumer.num_ack_pending - delivered;
  if (dead <= 0) return 0;
  const { state: detailed } = await manager.streams.info(STREAMS.claims, { deleted_details: true });
  const until = Math.min(consumer.delivered.stream_seq, detailed.last_seq);
  for (const seq of detailed.deleted ?? []) {
    if (seq > consumer.ack_floor.stream_seq && seq <= until) connection.publish(ackSubject(stage, seq), ACK);
  }
  await connection.flush();
  return dead;
}

/** Where a delivery of this message is acknowledged, were it delivered. */
function ackSubject(stage: ClaimedStage, seq: number): string {
  return `$JS.ACK.${STREAMS.claims}.${stage}.1.${seq}.0.0.0`;
}
