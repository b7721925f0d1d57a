import { runStage } from '@parley/stage-kit';
import { createSpeechToText } from './engines.js';
import { SttLogic } from './stt.logic.js';
import { loadSttConfig } from './stt.config.js';

await runStage(() => {
  const config = loadSttConfig();
  return {
    stage: 'stt',
    config,
    logic: async (_log, metrics) => new SttLogic(config, await createSpeechToText(config), metrics),
  };
});
