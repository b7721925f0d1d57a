import { runStage } from '@parley/stage-kit';
import { createTextToSpeech } from './engines.js';
import { TtsLogic } from './tts.logic.js';
import { loadTtsConfig } from './tts.config.js';

await runStage(() => {
  const config = loadTtsConfig();
  return {
    stage: 'tts',
    config,
    logic: async (_log, metrics) => new TtsLogic(config, await createTextToSpeech(config), metrics),
  };
});
