import type { SpeechToText } from '@parley/ports';
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
      return createScriptedSpeechToText({ latencyMs: config.SCRIPTED_STT_LATENCY_MS });
    }
  }
}
