import { createProviderMetrics } from '@parley/engines';
import { runStage } from '@parley/stage-kit';
import { createTextToSpeech } from './engines.js';
import { TtsLogic } from './tts.logic.js';
import { loadRecordedApology } from './recorded-apology.js';
import { loadTtsConfig } from './tts.config.js';

await runStage(() => {
  const config = loadTtsConfig();
  return {
    stage: 'tts',
    config,
    logic: async (log, metrics) => {
      const engines = await createTextToSpeech(config, createProviderMetrics(metrics, 'characters'), (provider) =>
        log.limited('provider', 'warn', { provider }, 'an agent names a provider that has no key here'),
      );
      return new TtsLogic(config, engines, await loadRecordedApology(config.TTS_APOLOGY_FILE), metrics);
    },
  };
});
