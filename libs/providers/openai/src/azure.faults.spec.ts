import { azureOpenAiSettings } from '@parley/ports';
import { startAzureEmulator } from '@parley/testing/emulators';
import { languageModelFaults } from '@parley/testing/faults';
import { createAzureOpenAi } from './index.js';

const settings = azureOpenAiSettings.parse({ deployment: 'voice' });

languageModelFaults('azure', {
  async start() {
    const emulator = await startAzureEmulator();
    const model = createAzureOpenAi({ apiKey: 'k', baseUrl: emulator.url, settings, answerTimeoutMs: 1000 });
    return { emulator, engine: { ...model, close: async () => undefined } };
  },
  expected: {
    truncated: { code: 'engine_protocol', retryable: true },
    closed_early: { code: 'engine_protocol', retryable: true },
  },
});
