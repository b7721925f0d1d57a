import type { ClaimedStage, ParleyEvent } from '@parley/contracts';

/** How an owner's time with a session ended, as far as its log says. */
type Fate = 'silent' | 'settled' | 'released' | 'crashed';

/**
 * How many of a session's last owners, one after the other, crashed soon after they had taken it.
 *
 * An owner counts when its log ends with `stage.claimed`: it neither lived until `stage.settled` nor gave the session
 * up with `stage.released`; or when it gave up with the reason `crashed`. A replica that is heard of again later did
 * not crash: it stalled or lost its broker. How long the next owner took to come says nothing, because a replica
 * that crashes in a loop is started again ever more slowly.
 * @param events the session's events of the kind `stage`, in stream order; those of other stages are passed over
 * @param reader the replica that counts, which is alive
 */
export function countQuickCrashes(events: readonly ParleyEvent[], stage: ClaimedStage, reader: string): number {
  const owners = new Map<number, { replica: string; fate: Fate }>();
  for (const event of events) {
    if (event.stage !== stage) continue;
    const owner = owners.get(event.epoch);
    if (event.type === 'stage.claimed') owners.set(event.epoch, { replica: event.replica, fate: 'silent' });
    else if (!owner) continue;
    else if (event.type === 'stage.settled') owner.fate = 'settled';
    else if (event.type === 'stage.released') owner.fate = event.reason === 'crashed' ? 'crashed' : 'released';
  }
  const survivors = new Set([reader]);
  let crashes = 0;
  for (const { replica, fate } of [...owners.values()].reverse()) {
    const isCrash = fate === 'crashed' || (fate === 'silent' && !survivors.has(replica));
    if (!isCrash) break;
    survivors.add(replica);
    crashes++;
  }
  return crashes;
}
