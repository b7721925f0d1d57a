export { EngineError, type EngineErrorCode } from './engine-error.js';
export type {
  EndOfTurnOptions,
  SpeechToText,
  SpeechToTextCapabilities,
  SpeechToTextEvent,
  SpeechToTextOptions,
  SpeechToTextStream,
} from './speech-to-text.js';
export type { SpeechChunk, SynthesisRequest, TextToSpeech, TextToSpeechCapabilities } from './text-to-speech.js';
export type { LanguageModel, LanguageModelCapabilities, LanguageModelSettings } from './language-model.js';
export type { VoiceActivity, VoiceActivityDetector } from './voice-activity.js';
export {
  HANG_UP_TOOL,
  SEND_DIGITS_TOOL,
  agentBehaviourSchema,
  type AgentBehaviour,
  type AgentBehaviourInput,
} from './agent-behaviour.js';
export {
  defineAgent,
  defineTool,
  type AgentDefinition,
  type ToolContext,
  type ToolDefinition,
  type ToolResult,
} from './agent-definition.js';
export type { ProviderIncident, ProviderObserver } from './provider-observer.js';
export {
  PROVIDER_SETTINGS,
  checkProviderChoice,
  parseProviderChain,
  providerChain,
  type ProviderInput,
  type ProviderName,
  type ProviderPort,
} from './provider-settings/providers.js';
export {
  deepgramFluxSettings,
  deepgramSettings,
  type DeepgramFluxSettings,
  type DeepgramSettings,
} from './provider-settings/deepgram.js';
export { cartesiaSettings, type CartesiaSettings } from './provider-settings/cartesia.js';
export {
  openAiSpeechSettings,
  openAiTranscriptionSettings,
  type OpenAiSpeechSettings,
  type OpenAiTranscriptionSettings,
} from './provider-settings/open-ai-audio.js';
export { anthropicSettings, type AnthropicSettings } from './provider-settings/anthropic.js';
export { azureOpenAiSettings, type AzureOpenAiSettings } from './provider-settings/azure.js';
export { openAiSettings, type OpenAiSettings } from './provider-settings/openai.js';
export { assemblyAiSettings, type AssemblyAiSettings } from './provider-settings/assemblyai.js';
export {
  elevenLabsSpeechToTextSettings,
  elevenLabsTextToSpeechSettings,
  type ElevenLabsSpeechToTextSettings,
  type ElevenLabsTextToSpeechSettings,
} from './provider-settings/elevenlabs.js';
