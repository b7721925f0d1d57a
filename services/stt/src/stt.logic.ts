import { WebRtcVoiceActivity } from '@parley/audio';
import type { ParleyEvent } from '@parley/contracts';
import type { SpeechToText } from '@parley/ports';
import type { OwnedSession, StageLogic, StageSession } from '@parley/stage-kit';
import { errorOf, type Metrics } from '@parley/telemetry';
import { createSttMetrics, type SttMetrics } from './stt-metrics.js';
import { SttSession, TICK_MS } from './stt-session.js';
import { foldTurnProgress, initialTurnProgress } from './turn-progress.js';
import type { SttConfig } from './stt.config.js';

/** The stt stage: caller's voice in, speech events, transcripts and ends of turns out. */
export class SttLogic implements StageLogic {
  readonly kinds = ['speech', 'transcript'] as const;
  readonly audio = 'in';
  private readonly voiceActivity = new WebRtcVoiceActivity();
  private readonly sessions = new Map<SttSession, OwnedSession>();
  private readonly metrics: SttMetrics;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: SttConfig,
    private readonly engine: SpeechToText,
    metrics: Metrics,
  ) {
    this.metrics = createSttMetrics(metrics);
  }

  foldAtRest(events: readonly ParleyEvent[]): unknown {
    const own = events.filter(({ stage }) => stage === 'stt');
    return own.reduce(foldTurnProgress, initialTurnProgress());
  }

  async warm(): Promise<void> {
    await Promise.all([this.voiceActivity.warm(), this.engine.warm()]);
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
    const { config, engine, voiceActivity, metrics } = this;
    const session = new SttSession(owned, { config, engine, voiceActivity, metrics });
    this.sessions.set(session, owned);
    owned.signal.addEventListener('abort', () => this.sessions.delete(session), { once: true });
    return Promise.resolve(session);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.engine.close();
  }
}
