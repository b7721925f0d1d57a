export { createOpenAiSpeech, type OpenAiSpeechOptions } from './create-speech.js';
export { createOpenAiTranscription, type OpenAiTranscriptionOptions } from './create-transcription.js';
