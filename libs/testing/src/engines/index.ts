export { systemClock, wait, type Clock, type TimerHandle } from './clock.js';
export { soundWithoutWords, speakScripted, type ScriptedVoiceOptions } from './scripted-voice.js';
export { ScriptedReader, readScripted, type ScriptedSpeech, type ScriptedWord } from './scripted-reader.js';
export { createScriptedSpeechToText, type ScriptedSpeechToTextOptions } from './scripted-speech-to-text.js';
export { createScriptedTextToSpeech, type ScriptedTextToSpeechOptions } from './scripted-text-to-speech.js';
export { createScriptedModel, type ScriptedModelOptions } from './scripted-model.js';
export { ECHO_REPLY, type ScriptedReply, type ScriptedRule, type ScriptedToolCall } from './scripted-reply.js';
export { SteppedChatModel, type ModelAsked, type ModelStep } from './stepped-chat-model.js';
