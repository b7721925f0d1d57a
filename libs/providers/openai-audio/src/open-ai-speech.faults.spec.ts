import { startOpenAiAudioEmulator } from '@parley/testing/emulators';
import { textToSpeechFaults } from '@parley/testing/faults';
import { createOpenAiSpeech } from './create-speech.js';

textToSpeechFaults('OpenAI text to speech', {
  start: async () => {
    const emulator = await startOpenAiAudioEmulator();
    const baseUrl = `${emulator.url}/v1`;
    const engine = createOpenAiSpeech({ apiKey: 'key', baseUrl, connectTimeoutMs: 1000, answerTimeoutMs: 1000 });
    return { emulator, engine };
  },
  expected: {
    // The answer ends in the middle of a sample.
    truncated: { code: 'engine_protocol', retryable: true },
    // Any byte is PCM, but not any is HTTP.
  },
});
