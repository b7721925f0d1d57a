import type { ProviderChoice } from '@parley/contracts';
import type { TextToSpeech } from '@parley/ports';
import type { OwnedSession, StageLogic, StageSession } from '@parley/stage-kit';
import type { Metrics } from '@parley/telemetry';
import { createTtsMetrics, type TtsMetrics } from './tts-metrics.js';
import type { RecordedApology } from './recorded-apology.js';
import { TtsSession } from './tts-session.js';
import type { TtsConfig } from './tts.config.js';

/** The engines that a stage speaks with. */
export interface TextToSpeechEngines {
  /** The one for the providers that an agent names; the stage's own without. */
  for(chain: ProviderChoice[] | undefined): TextToSpeech;
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** The tts stage: sentences of replies in, agent's voice out. */
export class TtsLogic implements StageLogic {
  readonly kinds = ['reply', 'playout'] as const;
  readonly writesAudio = 'out';
  private readonly metrics: TtsMetrics;

  constructor(
    private readonly config: TtsConfig,
    private readonly engines: TextToSpeechEngines,
    private readonly apology: RecordedApology,
    metrics: Metrics,
  ) {
    this.metrics = createTtsMetrics(metrics);
  }

  warm(): Promise<void> {
    return this.engines.warm();
  }

  open(owned: OwnedSession): Promise<StageSession> {
    const { config, metrics, apology } = this;
    const engineFor = (chain: ProviderChoice[] | undefined) => this.engines.for(chain);
    return Promise.resolve(new TtsSession(owned, { config, engineFor, apology, metrics }));
  }

  close(): Promise<void> {
    return this.engines.close();
  }
}
