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
    timeout: { code: 'engine_timeout', retryable: true },
    silent: { code: 'engine_timeout', retryable: true },
    rate_limited: { code: 'engine_rate_limited', retryable: true, retryAfterMs: 2000 },
    rate_limited_bare: { code: 'engine_rate_limited', retryable: true },
    server_error: { code: 'engine_unavailable', retryable: true },
    auth: { code: 'engine_auth', retryable: false },
    quota: { code: 'engine_quota', retryable: false },
    // The answer ends in the middle of a sample.
    truncated: { code: 'engine_protocol', retryable: true },
    dropped: { code: 'engine_unavailable', retryable: true },
    // Any byte is PCM, but not any is HTTP.
    malformed: { code: 'engine_protocol', retryable: true },
    closed_early: { code: 'engine_unavailable', retryable: true },
  },
});
