import type { SessionBus, SessionWriter } from '@parley/bus';
import type { ClaimedStage } from '@parley/contracts';

/** A replica of a stage that is heard of and takes every session it is offered, but does nothing by itself. */
export interface StageReplica {
  /** Nothing is heard of it any more. */
  silence(): void;
  /** Takes no further sessions. */
  close(): Promise<void>;
}

/** Starts a replica; `onTaken` is told of each session when the replica's mark stands in the log. */
export async function startStageReplica(
  bus: SessionBus,
  stage: ClaimedStage,
  onTaken: (sessionId: string, writer: SessionWriter) => void,
): Promise<StageReplica> {
  const silence = bus.announce(() => ({ stage, state: 'running', sessions: 0, capacity: 100 }));
  const worker = await bus.claims(stage, {
    free: () => 100,
    onLost: () => {},
    onClaim: ({ claim, deliveries }) => {
      void (async () => {
        const { sessionId } = claim;
        const writer = bus.writer({ stage, sessionId, epoch: await bus.acquire(stage, sessionId) });
        await writer.publish('stage.claimed', { replica: bus.replica, deliveries });
        onTaken(sessionId, writer);
      })();
    },
  });
  return { silence, close: () => worker.close() };
}
