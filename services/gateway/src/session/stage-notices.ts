import type { ClaimedStage, ParleyEvent } from '@parley/contracts';
import type { Log } from '@parley/telemetry';
import type { CallerNotices } from './caller-notices.js';
import type { StageChange, StageSupervision } from './stage-supervision.js';

/** Tells a session's caller which of its stages have gone and which are back. */
export class StageNotices {
  constructor(
    private readonly supervision: StageSupervision,
    private readonly notices: CallerNotices,
    private readonly log: Log,
  ) {}

  /** These stages must work on the session from now on, and no others. */
  require(stages: readonly ClaimedStage[]): void {
    this.supervision.require(stages);
  }

  /** Takes any event of the session. */
  event(event: ParleyEvent): void {
    if (event.type === 'stage.released') this.supervision.released(event.stage, event.replica);
    else if (event.type === 'stage.claimed') {
      const change = this.supervision.claimed(event.stage, event.replica);
      if (change) this.#tell(change);
    }
  }

  /** Tells what has changed by itself. */
  tick(): void {
    for (const change of this.supervision.check()) this.#tell(change);
  }

  #tell({ stage, available }: StageChange): void {
    this.log.warn({ stage, available }, available ? 'a stage is back' : 'a stage is unavailable');
    if (available) this.notices.restored(stage);
    else this.notices.error('stage_unavailable', stage);
  }
}
