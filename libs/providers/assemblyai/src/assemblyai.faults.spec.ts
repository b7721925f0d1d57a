import { assemblyAiSettings } from '@parley/ports';
import { startAssemblyAiEmulator } from '@parley/testing/emulators';
import { speechToTextFaults } from '@parley/testing/faults';
import { createAssemblyAi } from './index.js';

speechToTextFaults('AssemblyAI', {
  async start() {
    const emulator = await startAssemblyAiEmulator();
    const engine = createAssemblyAi({
      apiKey: 'key',
      baseUrl: emulator.wsUrl,
      settings: assemblyAiSettings.parse({}),
      connectTimeoutMs: 1000,
      answerTimeoutMs: 1000,
    });
    return { emulator, engine };
  },
});
