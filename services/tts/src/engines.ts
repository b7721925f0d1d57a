import type { TextToSpeech } from '@parley/ports';
import type { TtsConfig } from './tts.config.js';

/** Makes the configured engine; only its own package is loaded. */
export async function createTextToSpeech(config: TtsConfig): Promise<TextToSpeech> {
  switch (config.TTS_ENGINE) {
    case 'flite': {
      const { createFlite } = await import('@parley/provider-flite');
      return createFlite();
    }
    case 'scripted': {
      const { createScriptedTextToSpeech } = await import('@parley/testing/engines');
      return createScriptedTextToSpeech({
        firstAudioMs: config.SCRIPTED_TTS_FIRST_AUDIO_MS,
        realTimeFactor: config.SCRIPTED_TTS_REAL_TIME_FACTOR,
      });
    }
  }
}
