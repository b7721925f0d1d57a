export { startCartesiaEmulator, type CartesiaEmulatorOptions } from './cartesia.js';
export { Emulator, type EmulatedProtocol, type RecordedRequest, type Rejection } from './emulator.js';
export { FAULTS, type Fault } from './faults.js';
export { startOpenAiAudioEmulator, type OpenAiAudioEmulatorOptions } from './openai-audio.js';
