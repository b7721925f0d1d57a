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
