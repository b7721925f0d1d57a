import type { SessionBus, SessionFeed } from '@parley/bus';
import { EVENT_KINDS, type ParleyEvent } from '@parley/contracts';
import { foldTurn, initialTurnState, type TurnState } from '@parley/session-log';
import type { Timed } from './caller.js';

/** A session's log as it is written. */
export class SessionWatch {
  readonly events: Timed<ParleyEvent>[] = [];
  private state: TurnState = initialTurnState();
  private feed: SessionFeed | undefined;

  private constructor(private readonly nowMs: () => number) {}

  /** @throws {BusError} `unavailable` */
  static async open(bus: SessionBus, sessionId: string, nowMs: () => number): Promise<SessionWatch> {
    const watch = new SessionWatch(nowMs);
    watch.feed = await bus.feed({ sessionId, kinds: EVENT_KINDS, onEvent: (event) => watch.take(event) });
    return watch;
  }

  /** The conversation so far, as the agent knows it. */
  get history(): TurnState['history'] {
    return this.state.history;
  }

  close(): void {
    this.feed?.close();
  }

  private take(event: ParleyEvent): void {
    this.events.push({ atMs: this.nowMs(), event });
    this.state = foldTurn(this.state, event);
  }
}
