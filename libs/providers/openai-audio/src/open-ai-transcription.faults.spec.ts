import { describe } from '@jest/globals';
import { openAiTranscriptionSettings } from '@parley/ports';
import { startOpenAiAudioEmulator } from '@parley/testing/emulators';
import { speechToTextFaults } from '@parley/testing/faults';
import { createOpenAiTranscription } from './create-transcription.js';

describe.each([
  ['OpenAI transcription', false],
  ['OpenAI transcription as a stream', true],
])('%s', (name, stream) => {
  speechToTextFaults(name, {
    start: async () => {
      const emulator = await startOpenAiAudioEmulator();
      const engine = createOpenAiTranscription({
        apiKey: 'key',
        baseUrl: `${emulator.url}/v1`,
        settings: openAiTranscriptionSettings.parse({ stream }),
        connectTimeoutMs: 1000,
        answerTimeoutMs: 1000,
      });
      return { emulator, engine };
    },
    expected: {
      // Half of a JSON text, or a stream without its last event.
      truncated: { code: 'engine_protocol', retryable: true },
    },
  });
});
