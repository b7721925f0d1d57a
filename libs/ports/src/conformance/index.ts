export { speechToTextConformance } from './speech-to-text-conformance.js';
export type { SpeechSample, SpeechSamples } from './speech-samples.js';
export { textToSpeechConformance, type TextToSpeechConformanceOptions } from './text-to-speech-conformance.js';
export { voiceActivityConformance, type VoiceActivitySample } from './voice-activity-conformance.js';
export { EventLog } from './event-log.js';
export { codeOf, within } from './within.js';
