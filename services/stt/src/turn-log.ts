import type { EventType, ParleyEvent, Payload } from '@parley/contracts';
import { publishOrLog, type OwnedSession } from '@parley/stage-kit';
import { foldTurnProgress, initialTurnProgress, type TurnProgress } from './turn-progress.js';

/** What the session's log says of the caller's turns, and the way to write it. */
export class TurnLog {
  private folded = initialTurnProgress();

  constructor(private readonly session: Pick<OwnedSession, 'writer' | 'log'>) {}

  get progress(): TurnProgress {
    return this.folded;
  }

  /** Takes an event that somebody else wrote. */
  read(event: ParleyEvent): void {
    this.folded = foldTurnProgress(this.folded, event);
  }

  /** Writes an event. It is folded at once and not when it comes back: the next decision goes by it. */
  write<T extends EventType>(type: T, payload: Payload<T>): void {
    this.read({ type, ...payload } as unknown as ParleyEvent);
    void publishOrLog(this.session, type, payload);
  }
}
