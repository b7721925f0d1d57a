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
    logic: async (_log, metrics) => {
      const sttMetrics = createSttMetrics(metrics);
      const voiceActivity = await createVoiceActivity(config, sttMetrics);
      return new SttLogic(config, { engine: await createSpeechToText(config), voiceActivity, metrics: sttMetrics });
    },
  };
});
