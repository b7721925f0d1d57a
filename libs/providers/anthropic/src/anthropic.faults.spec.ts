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
    server_error: { code: 'engine_busy', retryable: true },
    truncated: { code: 'engine_protocol', retryable: true },
    closed_early: { code: 'engine_protocol', retryable: true },
  },
});
