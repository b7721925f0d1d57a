import type { TextToSpeech } from '@parley/ports';
import type { OwnedSession, StageLogic, StageSession } from '@parley/stage-kit';
import type { Metrics } from '@parley/telemetry';
import { createTtsMetrics, type TtsMetrics } from './tts-metrics.js';
import { TtsSession } from './tts-session.js';
import type { TtsConfig } from './tts.config.js';

/** The tts stage: sentences of replies in, agent's voice out. */
export class TtsLogic implements StageLogic {
  readonly kinds = ['reply', 'playout'] as const;
  readonly writesAudio = 'out';
  private readonly metrics: TtsMetrics;

  constructor(
    private readonly config: TtsConfig,
    private readonly engine: TextToSpeech,
    metrics: Metrics,
  ) {
    this.metrics = createTtsMetrics(metrics);
  }

  warm(): Promise<void> {
    return this.engine.warm();
  }

  open(owned: OwnedSession): Promise<StageSession> {
    const { config, engine, metrics } = this;
    return Promise.resolve(new TtsSession(owned, { config, engine, metrics }));
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}
