export { createElevenLabsSpeechToText, type ElevenLabsSpeechToTextOptions } from './create-speech-to-text.js';
export { createElevenLabsTextToSpeech, type ElevenLabsTextToSpeechOptions } from './create-text-to-speech.js';
