import { startAnthropicEmulator } from '@parley/testing/emulators';
import { languageModelFaults } from '@parley/testing/faults';
import { createAnthropic } from './index.js';

languageModelFaults('anthropic', {
  async start() {
    const emulator = await startAnthropicEmulator();
    const model = createAnthropic({ apiKey: 'k', baseUrl: emulator.url, answerTimeoutMs: 1000 });
    return { emulator, engine: { ...model, close: async () => undefined } };
  },
  expected: {
    timeout: { code: 'engine_timeout', retryable: true },
    silent: { code: 'engine_timeout', retryable: true },
    rate_limited: { code: 'engine_rate_limited', retryable: true, retryAfterMs: 2000 },
    rate_limited_bare: { code: 'engine_rate_limited', retryable: true },
    server_error: { code: 'engine_busy', retryable: true },
    auth: { code: 'engine_auth', retryable: false },
    quota: { code: 'engine_quota', retryable: false },
    truncated: { code: 'engine_protocol', retryable: true },
    dropped: { code: 'engine_unavailable', retryable: true },
    malformed: { code: 'engine_protocol', retryable: true },
    closed_early: { code: 'engine_protocol', retryable: true },
  },
});
