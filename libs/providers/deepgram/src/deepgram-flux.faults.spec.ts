import { startDeepgramFluxEmulator } from '@parley/testing/emulators';
import { speechToTextFaults } from '@parley/testing/faults';
import { createDeepgramFlux } from './index.js';

speechToTextFaults('deepgram-flux', {
  async start() {
    const emulator = await startDeepgramFluxEmulator();
    const timeouts = { connectTimeoutMs: 1000, answerTimeoutMs: 1000 };
    return { emulator, engine: createDeepgramFlux({ apiKey: 'key', baseUrl: emulator.wsUrl, ...timeouts }) };
  },
});
