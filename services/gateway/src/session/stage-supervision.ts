import type { ClaimedStage } from '@parley/contracts';
import type { Clock } from '../clock.js';
import type { StageLiveness } from './stage-liveness.js';

/** What becomes of a stage, for the caller. */
export interface StageChange {
  stage: ClaimedStage;
  available: boolean;
}

interface StageState {
  /** Replica that has the session. */
  owner: string | undefined;
  /** Since when nobody has it. */
  unclaimedSinceMs: number;
  isReported: boolean;
}

/**
 * Watches whether a session's stages work on it. A stage is down when it has no live replica, or when nobody has
 * taken the session within the claim timeout; it is back when a replica takes the session, or when its owner is
 * heard of again. Each change is told once.
 */
export class StageSupervision {
  readonly #stages = new Map<ClaimedStage, StageState>();
  readonly #openedMs: number;
  #required: ReadonlySet<ClaimedStage> = new Set();

  constructor(
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly liveness: Pick<StageLiveness, 'isLive' | 'isReplicaLive'>,
    private readonly claimTimeoutMs: number,
    stages: readonly ClaimedStage[],
  ) {
    this.#openedMs = clock.nowMs();
    this.require(stages);
  }

  /** These stages must work on the session from now on, and no others. */
  require(stages: readonly ClaimedStage[]): void {
    this.#required = new Set(stages);
    const unclaimedSinceMs = this.clock.nowMs();
    for (const stage of stages) {
      if (!this.#stages.has(stage)) this.#stages.set(stage, { owner: undefined, unclaimedSinceMs, isReported: false });
    }
  }

  /** A replica has taken the session. */
  claimed(stage: string, replica: string): StageChange | undefined {
    const state = this.#stages.get(stage as ClaimedStage);
    if (!state) return undefined;
    state.owner = replica;
    return this.#back(stage as ClaimedStage, state);
  }

  /** A replica has given the session back. */
  released(stage: string, replica: string): void {
    const state = this.#stages.get(stage as ClaimedStage);
    if (state?.owner !== replica) return;
    state.owner = undefined;
    state.unclaimedSinceMs = this.clock.nowMs();
  }

  /** Everything that has changed since the call before. */
  check(): StageChange[] {
    const changes: StageChange[] = [];
    const now = this.clock.nowMs();
    for (const [stage, state] of this.#stages) {
      if (!this.#required.has(stage)) continue;
      if (state.isReported) {
        const isBack = state.owner !== undefined && this.liveness.isReplicaLive(stage, state.owner);
        if (isBack) changes.push(this.#back(stage, state) as StageChange);
        continue;
      }
      const isOverdue = state.owner === undefined && now - state.unclaimedSinceMs >= this.claimTimeoutMs;
      // Right after the gateway's own start it may not have heard of anybody yet.
      const isDead = !this.liveness.isLive(stage) && now - this.#openedMs >= this.claimTimeoutMs;
      if (!isOverdue && !isDead) continue;
      state.isReported = true;
      changes.push({ stage, available: false });
    }
    return changes;
  }

  #back(stage: ClaimedStage, state: StageState): StageChange | undefined {
    if (!state.isReported) return undefined;
    state.isReported = false;
    return { stage, available: true };
  }
}
