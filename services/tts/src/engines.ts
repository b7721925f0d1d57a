import { loadTextToSpeechEngines, type EnginePool, type ProviderMetrics } from '@parley/engines';
import type { TextToSpeech } from '@parley/ports';
import type { TtsConfig } from './tts.config.js';

/** Makes the engines of this replica; only packages that can be used are loaded. */
export function createTextToSpeech(
  config: TtsConfig,
  metrics: ProviderMetrics,
  onMissing: (provider: string) => void,
): Promise<EnginePool<TextToSpeech>> {
  return loadTextToSpeechEngines({
    env: config,
    chain: config.TTS_CHAIN,
    metrics,
    onMissing,
    local: {
      flite: async () => {
        const { createFlite } = await import('@parley/provider-flite');
        return () => createFlite();
      },
      scripted: async () => {
        const { createScriptedTextToSpeech } = await import('@parley/testing/engines');
        const { SCRIPTED_TTS_FIRST_AUDIO_MS: firstAudioMs, SCRIPTED_TTS_REAL_TIME_FACTOR: realTimeFactor } = config;
        return () => createScriptedTextToSpeech({ firstAudioMs, realTimeFactor });
      },
    },
  });
}
