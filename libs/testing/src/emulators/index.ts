export { startElevenLabsEmulator, type ElevenLabsEmulatorOptions } from './elevenlabs.js';
export { Emulator, type EmulatedProtocol, type RecordedRequest, type Rejection } from './emulator.js';
export { FAULTS, type Fault } from './faults.js';
