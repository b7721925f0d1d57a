import { cartesiaSettings } from '@parley/ports';
import { startCartesiaEmulator } from '@parley/testing/emulators';
import { textToSpeechFaults } from '@parley/testing/faults';
import { createCartesia } from './create-cartesia.js';

textToSpeechFaults('Cartesia text to speech', {
  start: async () => {
    const emulator = await startCartesiaEmulator();
    const engine = createCartesia({
      apiKey: 'key',
      baseUrl: emulator.url,
      settings: cartesiaSettings.parse({}),
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
    truncated: { code: 'engine_unavailable', retryable: true },
    dropped: { code: 'engine_unavailable', retryable: true },
    malformed: { code: 'engine_protocol', retryable: true },
    closed_early: { code: 'engine_unavailable', retryable: true },
  },
});
