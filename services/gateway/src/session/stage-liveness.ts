import type { PresenceView } from '@parley/bus';
import { CLAIMED_STAGES, type ClaimedStage, type Stage } from '@parley/contracts';

/** Which stages have a live replica, kept up to date for all sessions at once. */
export class StageLiveness {
  readonly #live = new Set<Stage>();
  readonly #stop: () => void;

  /** @param onChange called after a stage got its first live replica or lost its last */
  constructor(
    private readonly presence: PresenceView,
    onChange: () => void = () => {},
  ) {
    this.#stop = presence.onChange((stage, alive) => {
      if (alive) this.#live.add(stage);
      else this.#live.delete(stage);
      onChange();
    });
    for (const stage of CLAIMED_STAGES) if (presence.live(stage).length > 0) this.#live.add(stage);
  }

  /** Whether a stage has a live replica. */
  isLive(stage: ClaimedStage): boolean {
    return this.#live.has(stage);
  }

  /** Whether this very replica is alive. */
  isReplicaLive(stage: ClaimedStage, replica: string): boolean {
    return this.presence.live(stage).some((each) => each.replica === replica);
  }

  /** Stops listening. */
  close(): void {
    this.#stop();
  }
}
