import { loadSpeechToTextEngines, type EnginePool, type ProviderMetrics } from '@parley/engines';
import { EngineError, type SpeechToText, type VoiceActivity } from '@parley/ports';
import type { SttMetrics } from './stt-metrics.js';
import type { SttConfig } from './stt.config.js';

/** Makes the engines of this replica; only packages that can be used are loaded. */
export function createSpeechToText(
  config: SttConfig,
  metrics: ProviderMetrics,
  onMissing: (provider: string) => void,
): Promise<EnginePool<SpeechToText>> {
  return loadSpeechToTextEngines({
    env: config,
    chain: config.STT_CHAIN,
    metrics,
    onMissing,
    local: {
      pocketsphinx: async () => {
        const { createPocketsphinx } = await import('@parley/provider-pocketsphinx');
        return () => createPocketsphinx(config.STT_DECODERS === undefined ? {} : { decoders: config.STT_DECODERS });
      },
      scripted: async () => {
        const { createScriptedSpeechToText } = await import('@parley/testing/engines');
        const { SCRIPTED_STT_LATENCY_MS: latencyMs, SCRIPTED_STT_ENDS_TURNS: endOfTurn } = config;
        return () => createScriptedSpeechToText({ latencyMs, endOfTurn });
      },
    },
  });
}

/** Makes the configured voice activity detector; only its own package is loaded. */
export async function createVoiceActivity(
  { STT_ENGINE, STT_VAD }: Pick<SttConfig, 'STT_ENGINE' | 'STT_VAD'>,
  metrics: SttMetrics,
): Promise<VoiceActivity> {
  // The scripted engine's voice is none to Silero.
  switch (STT_VAD ?? (STT_ENGINE === 'scripted' ? 'webrtc' : 'silero')) {
    case 'silero': {
      const { createSilero } = await import('@parley/provider-silero');
      return createSilero({
        onBatch(windows, waitedMs) {
          metrics.voiceWindows.inc({ outcome: 'judged' }, windows);
          metrics.voiceWait.observe(waitedMs / 1000);
        },
        onQuiet: () => metrics.voiceWindows.inc({ outcome: 'quiet' }),
        onFailure(windows, error) {
          metrics.voiceWindows.inc({ outcome: 'failed' }, windows);
          const code = error instanceof EngineError ? error.code : 'unknown';
          metrics.failures.inc({ engine: 'silero', code });
        },
        onDropped: () => metrics.voiceWindows.inc({ outcome: 'dropped' }),
      });
    }
    case 'webrtc': {
      const { WebRtcVoiceActivity } = await import('@parley/audio');
      return new WebRtcVoiceActivity();
    }
  }
}
