import { startDeepgramEmulator } from '@parley/testing/emulators';
import { speechToTextFaults } from '@parley/testing/faults';
import { createDeepgram } from './index.js';

speechToTextFaults('deepgram', {
  async start() {
    const emulator = await startDeepgramEmulator();
    const timeouts = { connectTimeoutMs: 1000, answerTimeoutMs: 1000 };
    return { emulator, engine: createDeepgram({ apiKey: 'key', baseUrl: emulator.wsUrl, ...timeouts }) };
  },
  expected: {
    server_error: { code: 'engine_busy', retryable: true },
  },
});
