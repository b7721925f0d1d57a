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
      timeout: { code: 'engine_timeout', retryable: true },
      silent: { code: 'engine_timeout', retryable: true },
      rate_limited: { code: 'engine_rate_limited', retryable: true, retryAfterMs: 2000 },
      rate_limited_bare: { code: 'engine_rate_limited', retryable: true },
      server_error: { code: 'engine_unavailable', retryable: true },
      auth: { code: 'engine_auth', retryable: false },
      quota: { code: 'engine_quota', retryable: false },
      // Half of a JSON text, or a stream without its last event.
      truncated: { code: 'engine_protocol', retryable: true },
      dropped: { code: 'engine_unavailable', retryable: true },
      malformed: { code: 'engine_protocol', retryable: true },
      closed_early: { code: 'engine_unavailable', retryable: true },
    },
  });
});
