export { startCartesiaEmulator, type CartesiaEmulatorOptions } from './cartesia.js';
export { Emulator, type EmulatedProtocol, type RecordedRequest, type Rejection } from './emulator.js';
export { FAULTS, type Fault } from './faults.js';
export { startDeepgramEmulator } from './deepgram.js';
export { startDeepgramFluxEmulator } from './deepgram-flux.js';
export type { DeepgramEmulatorOptions } from './deepgram-session.js';
export { startOpenAiAudioEmulator, type OpenAiAudioEmulatorOptions } from './openai-audio.js';
