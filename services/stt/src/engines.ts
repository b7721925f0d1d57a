import { EngineError, type SpeechToText, type VoiceActivity } from '@parley/ports';
import type { SttMetrics } from './stt-metrics.js';
import type { SttConfig } from './stt.config.js';

/** Makes the configured engine; only its own package is loaded. */
export async function createSpeechToText(config: SttConfig): Promise<SpeechToText> {
  switch (config.STT_ENGINE) {
    case 'pocketsphinx': {
      const { createPocketsphinx } = await import('@parley/provider-pocketsphinx');
      return createPocketsphinx(config.STT_DECODERS === undefined ? {} : { decoders: config.STT_DECODERS });
    }
    case 'scripted': {
      const { createScriptedSpeechToText } = await import('@parley/testing/engines');
      return createScriptedSpeechToText({
        latencyMs: config.SCRIPTED_STT_LATENCY_MS,
        endOfTurn: config.SCRIPTED_STT_ENDS_TURNS,
      });
    }
  }
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
