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
});
