export { languageModelFaults, type LanguageModelFaultOptions } from './language-model-faults.js';
export { speechToTextFaults, type SpeechToTextFaultOptions } from './speech-to-text-faults.js';
export { textToSpeechFaults, type TextToSpeechFaultOptions } from './text-to-speech-faults.js';
export type { ExpectedError, ExpectedErrors, FaultSubject } from './fault-cell.js';
