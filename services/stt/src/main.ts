import { createProviderMetrics } from '@parley/engines';
import { runStage } from '@parley/stage-kit';
import { createSpeechToText, createVoiceActivity } from './engines.js';
import { createSttMetrics } from './stt-metrics.js';
import { SttLogic } from './stt.logic.js';
import { loadSttConfig } from './stt.config.js';

await runStage(() => {
  const config = loadSttConfig();
  return {
    stage: 'stt',
    config,
    logic: async (log, metrics) => {
      const sttMetrics = createSttMetrics(metrics);
      const voiceActivity = await createVoiceActivity(config, sttMetrics);
      const engines = await createSpeechToText(config, createProviderMetrics(metrics, 'audio_seconds'), (provider) =>
        log.limited('provider', 'warn', { provider }, 'an agent names a provider that has no key here'),
      );
      return new SttLogic(config, {
        engine: engines.for(undefined),
        engineFor: (chain) => engines.for(chain),
        close: () => engines.close(),
        voiceActivity,
        metrics: sttMetrics,
      });
    },
  };
});
