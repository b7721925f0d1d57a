import { elevenLabsSpeechToTextSettings, elevenLabsTextToSpeechSettings } from '@parley/ports';
import { startElevenLabsEmulator, type ElevenLabsEmulatorOptions } from '@parley/testing/emulators';
import { speechToTextFaults, textToSpeechFaults, type ExpectedErrors } from '@parley/testing/faults';
import { createElevenLabsSpeechToText } from './create-speech-to-text.js';
import { createElevenLabsTextToSpeech } from './create-text-to-speech.js';

const TIMEOUTS = { connectTimeoutMs: 1000, answerTimeoutMs: 1000 };

/** A message on the open socket has no time to wait in it. */
const byMessage: Partial<ExpectedErrors> = { rate_limited: { code: 'engine_rate_limited', retryable: true } };

async function startSpeechToText(options?: ElevenLabsEmulatorOptions) {
  const emulator = await startElevenLabsEmulator(options);
  const settings = elevenLabsSpeechToTextSettings.parse({});
  return {
    emulator,
    engine: createElevenLabsSpeechToText({ apiKey: 'key', baseUrl: emulator.url, settings, ...TIMEOUTS }),
  };
}

async function startTextToSpeech(transport: 'websocket' | 'http', options?: ElevenLabsEmulatorOptions) {
  const emulator = await startElevenLabsEmulator(options);
  const settings = elevenLabsTextToSpeechSettings.parse({ transport });
  return {
    emulator,
    engine: createElevenLabsTextToSpeech({ apiKey: 'key', baseUrl: emulator.url, settings, ...TIMEOUTS }),
  };
}

speechToTextFaults('elevenlabs speech to text', { start: () => startSpeechToText() });
speechToTextFaults('elevenlabs speech to text that is refused on the socket', {
  start: () => startSpeechToText({ refuseBy: 'message' }),
  expected: byMessage,
});
textToSpeechFaults('elevenlabs text to speech by websocket', {
  start: () => startTextToSpeech('websocket'),
});
textToSpeechFaults('elevenlabs text to speech by a websocket that is refused when it is open', {
  start: () => startTextToSpeech('websocket', { refuseBy: 'message' }),
  expected: byMessage,
});
textToSpeechFaults('elevenlabs text to speech by http', {
  start: () => startTextToSpeech('http'),
  // A request has no clean end but its own: what is missing is seen by the text.
  expected: { truncated: { code: 'engine_protocol', retryable: true } },
});
