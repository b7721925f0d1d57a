export { Emulator, type EmulatedProtocol, type RecordedRequest, type Rejection } from './emulator.js';
export { FAULTS, type Fault } from './faults.js';
export { startAnthropicEmulator } from './anthropic.js';
export { startAzureEmulator, type AzureEmulatorOptions } from './azure.js';
export { startOpenAiEmulator, type ModelEmulatorOptions } from './openai.js';
