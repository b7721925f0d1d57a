import { startOpenAiEmulator } from '@parley/testing/emulators';
import { languageModelFaults } from '@parley/testing/faults';
import { createOpenAi } from './index.js';

languageModelFaults('openai', {
  async start() {
    const emulator = await startOpenAiEmulator();
    const model = createOpenAi({ apiKey: 'k', baseUrl: `${emulator.url}/v1`, answerTimeoutMs: 1000 });
    return { emulator, engine: { ...model, close: async () => undefined } };
  },
  expected: {
    truncated: { code: 'engine_protocol', retryable: true },
    closed_early: { code: 'engine_protocol', retryable: true },
  },
});
