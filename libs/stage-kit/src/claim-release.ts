import type { ClaimLease, SessionBus } from '@parley/bus';
import type { ClaimedStage } from '@parley/contracts';
import type { CloseReason } from './stage-logic.js';

/** How long a session that failed here waits before it is offered again. */
const RETRY_AFTER_MS = 1000;

/** What an owner has a session by. */
export interface Ownership {
  bus: SessionBus;
  stage: ClaimedStage;
  lease: ClaimLease;
  epoch: number;
}

/** Gives the claim up for this reason: to the next owner at once, after a while, or for good. */
export async function releaseClaim(owned: Ownership, reason: CloseReason): Promise<void> {
  if (reason === 'drained') owned.lease.handBack();
  else if (reason === 'failed' || reason === 'crashed') owned.lease.handBack(RETRY_AFTER_MS);
  else await acknowledge(owned);
}

/** A late acknowledgement would delete the claim that a newer owner holds. */
async function acknowledge({ bus, stage, lease, epoch }: Ownership): Promise<void> {
  const isOwner = await bus.isOwner(stage, lease.claim.sessionId, epoch).catch(() => false);
  if (isOwner) await lease.done();
  else lease.abandon();
}
