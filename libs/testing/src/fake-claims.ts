import type { Claim, ClaimedStage } from '@parley/contracts';
import type { ClaimHandler, ClaimLease, ClaimWorker } from '@parley/bus';

interface Entry {
  claim: Claim;
  deliveries: number;
  /** Who holds it; absent while it waits. */
  holder?: { handler: ClaimHandler; lease: ClaimLease };
}

/** The work queue of a fake bus. */
export class FakeClaims {
  private readonly entries: Entry[] = [];
  private readonly workers: { stage: ClaimedStage; handler: ClaimHandler }[] = [];
  private isDispatching = false;

  offer(claim: Claim): void {
    if (this.find(claim.stage, claim.sessionId)) return;
    this.entries.push({ claim, deliveries: 0 });
    this.dispatch();
  }

  work(stage: ClaimedStage, handler: ClaimHandler): ClaimWorker {
    const worker = { stage, handler };
    this.workers.push(worker);
    this.dispatch();
    const leave = () => {
      const index = this.workers.indexOf(worker);
      if (index >= 0) this.workers.splice(index, 1);
    };
    return { stopPulling: async () => leave(), close: async () => leave() };
  }

  open(stage: ClaimedStage): string[] {
    return this.entries.filter(({ claim }) => claim.stage === stage).map(({ claim }) => claim.sessionId);
  }

  expire(stage: ClaimedStage, sessionId: string): void {
    const entry = this.find(stage, sessionId);
    const holder = entry?.holder;
    if (!entry || !holder) return;
    entry.holder = undefined;
    holder.handler.onLost(holder.lease);
    this.dispatch();
  }

  /** Hands out what waits to workers with room, in a later microtask. */
  dispatch(): void {
    if (this.isDispatching) return;
    this.isDispatching = true;
    queueMicrotask(() => {
      this.isDispatching = false;
      for (const entry of this.entries.filter(({ holder }) => !holder)) {
        const worker = this.workers.find(({ stage, handler }) => stage === entry.claim.stage && handler.free() > 0);
        if (worker) this.hand(entry, worker.handler);
      }
    });
  }

  private hand(entry: Entry, handler: ClaimHandler): void {
    entry.deliveries++;
    const isHeld = () => entry.holder?.lease === lease;
    const release = () => {
      if (isHeld()) entry.holder = undefined;
      this.dispatch();
    };
    const lease: ClaimLease = {
      claim: entry.claim,
      deliveries: entry.deliveries,
      done: async () => {
        if (isHeld()) this.entries.splice(this.entries.indexOf(entry), 1);
        this.dispatch();
        return true;
      },
      handBack: (delayMs = 0) => void (delayMs > 0 ? setTimeout(release, delayMs) : release()),
      abandon: () => {},
    };
    entry.holder = { handler, lease };
    handler.onClaim(lease);
  }

  private find(stage: ClaimedStage, sessionId: string): Entry | undefined {
    return this.entries.find(({ claim }) => claim.stage === stage && claim.sessionId === sessionId);
  }
}
