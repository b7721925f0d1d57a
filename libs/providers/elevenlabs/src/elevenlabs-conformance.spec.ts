import { afterAll, beforeAll } from '@jest/globals';
import {
  elevenLabsSpeechToTextSettings,
  elevenLabsTextToSpeechSettings,
  type SpeechToText,
  type TextToSpeech,
} from '@parley/ports';
import { speechToTextConformance, textToSpeechConformance } from '@parley/ports/conformance';
import { startElevenLabsEmulator, type Emulator } from '@parley/testing/emulators';
import { speakScripted } from '@parley/testing/engines';
import { createElevenLabsSpeechToText } from './create-speech-to-text.js';
import { createElevenLabsTextToSpeech } from './create-text-to-speech.js';

const RATE = 16_000;
const samples = {
  sampleRateHz: RATE,
  language: 'en',
  keyTerms: ['coffees'],
  first: { pcm: speakScripted('Two large coffees.', RATE), words: ['two', 'large', 'coffees'] },
  second: { pcm: speakScripted('and one tea', RATE), words: ['one', 'tea'] },
};

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startElevenLabsEmulator();
});
afterAll(() => emulator.stop());

function listener(settings: object): SpeechToText {
  return createElevenLabsSpeechToText({
    apiKey: 'key',
    baseUrl: emulator.url,
    settings: elevenLabsSpeechToTextSettings.parse(settings),
  });
}

function speaker(settings: object): TextToSpeech {
  return createElevenLabsTextToSpeech({
    apiKey: 'key',
    baseUrl: emulator.url,
    settings: elevenLabsTextToSpeechSettings.parse(settings),
  });
}

speechToTextConformance('elevenlabs', () => listener({}), samples);
speechToTextConformance('elevenlabs without times', () => listener({ wordTimes: false }), samples);
speechToTextConformance('elevenlabs that ends segments itself', () => listener({ commitStrategy: 'vad' }), samples);
textToSpeechConformance('elevenlabs by websocket', () => speaker({ proSampleRates: true }));
textToSpeechConformance('elevenlabs by websocket with its own voices', () =>
  speaker({ voice: 'scripted', voices: ['scripted-2'] }),
);
textToSpeechConformance('elevenlabs by http', () => speaker({ transport: 'http', proSampleRates: true }));
