import { afterAll, beforeAll } from '@jest/globals';
import { assemblyAiSettings } from '@parley/ports';
import { speechToTextConformance } from '@parley/ports/conformance';
import { startAssemblyAiEmulator, type Emulator } from '@parley/testing/emulators';
import { speakScripted } from '@parley/testing/engines';
import { createAssemblyAi } from './index.js';

const emulators: Emulator[] = [];
beforeAll(async () => {
  for (const options of [{}, { formatsInSecond: false }, { answersEmptyForce: true }]) {
    emulators.push(await startAssemblyAiEmulator(options));
  }
});
afterAll(async () => {
  for (const emulator of emulators) await emulator.stop();
});

function conforms(name: string, emulator: number, settings: object, sampleRateHz: number): void {
  speechToTextConformance(
    name,
    () =>
      createAssemblyAi({
        apiKey: 'key',
        baseUrl: emulators[emulator]?.url,
        settings: assemblyAiSettings.parse({ noWordsMs: 300, ...settings }),
      }),
    {
      sampleRateHz,
      language: 'en-US',
      keyTerms: ['coffees'],
      first: { pcm: speakScripted('Two large coffees.', sampleRateHz), words: ['two', 'large', 'coffees'] },
      second: { pcm: speakScripted('and one tea', sampleRateHz), words: ['one', 'tea'] },
    },
  );
}

conforms('AssemblyAI Universal-Streaming', 0, {}, 16_000);
conforms('AssemblyAI Universal-Streaming, formatted', 0, { formatTurns: true }, 8000);
conforms('AssemblyAI Universal-Streaming, formatted by the model', 1, { formatTurns: true }, 16_000);
conforms('AssemblyAI Universal-3', 2, { speechModel: 'universal-3-6-pro', interruptionDelayMs: 0 }, 24_000);
