import type { ParleyEvent } from '@parley/contracts';
import type { OwnedSession, StageLogic, StageSession } from '@parley/stage-kit';
import { errorOf } from '@parley/telemetry';
import { TICK_MS } from './caller-stall.js';
import { SttSession, type SttSessionOptions } from './stt-session.js';
import { foldTurnProgress, initialTurnProgress } from './turn-progress.js';
import type { SttConfig } from './stt.config.js';

/** The stt stage: caller's voice in, speech events, transcripts and ends of turns out. */
export class SttLogic implements StageLogic {
  readonly kinds = ['speech', 'transcript'] as const;
  readonly audio = 'in';
  private readonly sessions = new Map<SttSession, OwnedSession>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: SttConfig,
    private readonly shared: Pick<SttSessionOptions, 'engine' | 'engineFor' | 'voiceActivity' | 'metrics'> & {
      close?(): Promise<void>;
    },
  ) {}

  foldAtRest(events: readonly ParleyEvent[]): unknown {
    return events.reduce(foldTurnProgress, initialTurnProgress());
  }

  async warm(): Promise<void> {
    await Promise.all([this.shared.voiceActivity.warm(), this.shared.engine.warm()]);
    this.timer = setInterval(() => {
      for (const [session, { log }] of this.sessions) {
        try {
          session.tick();
        } catch (error) {
          // One session's failure must not end the others.
          log.limited('tick', 'error', errorOf(error), 'the passing of time failed');
        }
      }
    }, TICK_MS);
  }

  open(owned: OwnedSession): Promise<StageSession> {
    const session = new SttSession(owned, { config: this.config, ...this.shared });
    this.sessions.set(session, owned);
    owned.signal.addEventListener('abort', () => this.sessions.delete(session), { once: true });
    return Promise.resolve(session);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await (this.shared.close ?? (() => this.shared.engine.close()))();
  }
}
